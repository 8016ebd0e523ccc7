using TaskGrpc.V1;

namespace TaskGrpc.Server.Resources.Deliveries;

/// <summary>The place of a target. Attempts at one place queue behind each other, never behind those at another place.</summary>
internal static class DeliveryPlace
{
    /// <summary>The place of targets that need no network.</summary>
    public const string Ledger = "ledger";

    private const string MailServer = "smtp";

    private const int LongestAuthority = 300;

    public static string Of(DeliveryTarget target) => target.Type switch
    {
        DeliveryType.Webhook => Clipped(new Uri(target.Endpoint).GetLeftPart(UriPartial.Authority)),
        DeliveryType.Email => MailServer,
        _ => Ledger,
    };

    /// <summary>Bounds the size of index entries. DNS allows no longer names, so clipped ones have no address anyway.</summary>
    private static string Clipped(string authority) => authority.Length <= LongestAuthority ? authority : authority[..LongestAuthority];
}
