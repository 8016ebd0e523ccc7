using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Resources.Validation;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>What each type of target needs. The server stores and ignores fields that the type does not use.</summary>
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
            case DeliveryType.Email when CheckChannel(target, path, violations) && EmailAddress.Flaw(target.Channel) is { } flaw:
                violations.Add(path + "channel", flaw);
                break;
            case DeliveryType.Workflow when !VisibleText.IsIn(target.WorkflowId):
                violations.Add(path + "workflow_id", "is required with DELIVERY_TYPE_WORKFLOW");
                break;
        }
    }

    /// <summary>Converts the target's host to ASCII, as it is sent, stored, shown and compared. Run <see cref="Check"/> before.</summary>
    public static void WriteInAscii(DeliveryTarget target)
    {
        if (target.Type == DeliveryType.Webhook)
        {
            target.Endpoint = WebhookEndpoint.InAscii(target.Endpoint) ?? target.Endpoint;
        }
        else if (target.Type == DeliveryType.Email)
        {
            target.Channel = EmailAddress.InAscii(target.Channel) ?? target.Channel;
        }
    }

    private static void CheckEndpoint(DeliveryTarget target, string path, bool allowHttp, Violations violations)
    {
        if (!VisibleText.IsIn(target.Endpoint))
        {
            violations.Add(path + "endpoint", "is required with DELIVERY_TYPE_WEBHOOK");
        }
        else if (WebhookEndpoint.Flaw(target.Endpoint) is { } flaw)
        {
            violations.Add(path + "endpoint", flaw);
        }
        else if (!allowHttp && new Uri(target.Endpoint).Scheme != Uri.UriSchemeHttps)
        {
            violations.Add(path + "endpoint", "must be an https URL; http needs Delivery:AllowHttp, which the server's operator sets");
        }
    }

    private static bool CheckChannel(DeliveryTarget target, string path, Violations violations)
    {
        var isThere = VisibleText.IsIn(target.Channel);
        if (!isThere)
        {
            violations.Add(path + "channel", $"is required with {EnumNames<DeliveryType>.Of(target.Type)}");
        }

        return isThere;
    }
}
