using MimeKit;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources.Requests;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>What each type of target needs. Fields that the type does not use are stored and ignored.</summary>
internal static class DeliveryTargetRules
{
    public static void Check(DeliveryTarget target, string path, bool allowHttp, Violations violations)
    {
        switch (target.Type)
        {
            case DeliveryType.Webhook:
                CheckEndpoint(target, path, allowHttp, violations);
                break;
            case DeliveryType.Notification:
                CheckChannel(target, path, violations);
                break;
            case DeliveryType.Email when CheckChannel(target, path, violations) && !IsAddress(target.Channel):
                violations.Add(path + "channel", "must be one e-mail address without a name, like ops@example.com");
                break;
            case DeliveryType.Workflow when !VisibleText.IsIn(target.WorkflowId):
                violations.Add(path + "workflow_id", "is required with DELIVERY_TYPE_WORKFLOW");
                break;
        }
    }

    private static void CheckEndpoint(DeliveryTarget target, string path, bool allowHttp, Violations violations)
    {
        if (!VisibleText.IsIn(target.Endpoint))
        {
            violations.Add(path + "endpoint", "is required with DELIVERY_TYPE_WEBHOOK");
        }
        else if (target.Endpoint != target.Endpoint.Trim() || !Uri.TryCreate(target.Endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Host.Length == 0)
        {
            violations.Add(path + "endpoint", "must be an absolute https URL");
        }
        else if (uri.Scheme == "http" && !allowHttp)
        {
            violations.Add(path + "endpoint", "must be an https URL; http is open only where the server's operator sets Delivery:AllowHttp");
        }
        else if (uri.GetLeftPart(UriPartial.Authority).Contains('@', StringComparison.Ordinal))
        {
            violations.Add(path + "endpoint", "must not carry a user name or password: everybody who may read the task would see them. Verify the signature instead");
        }
    }

    private static bool CheckChannel(DeliveryTarget target, string path, Violations violations)
    {
        var isThere = VisibleText.IsIn(target.Channel);
        if (!isThere)
        {
            violations.Add(path + "channel", $"is required with DELIVERY_TYPE_{target.Type.ToString().ToUpperInvariant()}");
        }

        return isThere;
    }

    private static bool IsAddress(string text) =>
        MailboxAddress.TryParse(ParserOptions.Default, text, out var address) && address.Address == text && address.Domain.Length > 0 && address.LocalPart.Length > 0;
}
