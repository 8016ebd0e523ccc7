using System.Net;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using MimeKit;
using MimeKit.Text;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Ledger;
using TaskGrpc.V1;

namespace TaskGrpc.Server.Sending;

/// <summary>An alert as a mail, in text and HTML.</summary>
internal static class AlertMail
{
    private const int LongestSubject = 150;

    /// <summary>The fields of the event's data that the mail shows, with their labels.</summary>
    private static readonly (string Field, string Label)[] Shown =
    [
        ("entity_id", "Entity"), ("entity_scope", "Scope"), ("concept_id", "Concept"), ("condition_id", "Condition"),
            ("action_id", "Action"),
        ("trigger_key", "Trigger"), ("task_id", "Monitor task"), ("context", "Context"),
    ];

    /// <param name="delivery">The alert.</param>
    /// <param name="from">The sender's address.</param>
    /// <param name="sentAt">When it is sent: a mail that is days late must not have its trigger's date.</param>
    public static MimeMessage Of(Delivery delivery, string from, DateTimeOffset sentAt)
    {
        var sender = MailboxAddress.Parse(from);
        var data = delivery.Payload.Fields["data"].StructValue.Fields;
        var intent = data["intent"].StringValue;
        var message = new MimeMessage
        {
            // The same on every attempt, so that a mailbox can recognize a duplicate.
            MessageId = $"{delivery.Id}@{MailboxAddress.IdnMapping.Encode(sender.Domain)}",
            Subject = Clip.Of(OneLine(intent), LongestSubject),
            Date = sentAt,
            Body = new Multipart("alternative") { new TextPart(TextFormat.Plain) { Text = Text(intent, data) },
                new TextPart(TextFormat.Html) { Text = Html(intent, data) } },
        };
        message.From.Add(sender);
        message.To.Add(MailboxAddress.Parse(delivery.Target.Channel));
        // RFC 3834: prevents out-of-office replies.
        message.Headers.Add("Auto-Submitted", "auto-generated");
        return message;
    }

    private static string Text(string intent, IDictionary<string, Value> data)
    {
        var text = new StringBuilder(intent).Append("\r\n\r\n");
        foreach (var (label, value) in Rows(data))
        {
            text.Append(label).Append(": ").Append(value).Append("\r\n");
        }

        return text.ToString();
    }

    private static string Html(string intent, IDictionary<string, Value> data)
    {
        var rows = Rows(data)
            .Select(row =>
                $"<tr><th align=\"left\">{WebUtility.HtmlEncode(row.Label)}</th><td>{WebUtility.HtmlEncode(row.Value)}</td></tr>");
        return $"<html><body><p>{WebUtility.HtmlEncode(intent)}</p><table>{string.Concat(rows)}</table></body></html>";
    }

    private static IEnumerable<(string Label, string Value)> Rows(IDictionary<string, Value> data) =>
        from shown in Shown
        let value = data[shown.Field]
        where value.KindCase != Value.KindOneofCase.NullValue
        select (shown.Label, JsonText.Plain(value));

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
