using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>What attempts at a target are made at, so that those at one place wait for each other and never for those at another.</summary>
internal static class DeliveryPlace
{
    /// <summary>The place of targets to which nothing is sent.</summary>
    public const string Ledger = "ledger";

    private const string MailServer = "smtp";

    private const int LongestAuthority = 300;

    public static string Of(DeliveryTarget target) => target.Type switch
    {
        DeliveryType.Webhook => Clipped(new Uri(target.Endpoint).GetLeftPart(UriPartial.Authority)),
        DeliveryType.Email => MailServer,
        _ => Ledger,
    };

    /// <summary>No host that has an address has a longer name; the others share one place, and indexes have room for it.</summary>
    private static string Clipped(string authority) => authority.Length <= LongestAuthority ? authority : authority[..LongestAuthority];
}
