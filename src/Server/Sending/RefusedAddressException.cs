namespace TaskGrpc.Server.Sending;

/// <summary>Webhooks may reach none of a host's addresses.</summary>
internal sealed class RefusedAddressException()
    : Exception("The host has no public address. The server's operator can allow others with Delivery:AllowedNetworks.");
