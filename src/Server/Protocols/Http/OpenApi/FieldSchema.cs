using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.OpenApi;
using TaskGrpc.Server.Protocols.Http.Requests;
using TaskGrpc.Server.Resources.Validation;

namespace TaskGrpc.Server.Protocols.Http.OpenApi;

/// <summary>The schema of one field: its JSON type, its limits and its comment.</summary>
internal sealed class FieldSchema(Schemas schemas, FieldPolicy policy, Shape shape)
{
    private readonly FieldDescriptor _field = policy.Field;

    /// <summary>The etag of a PATCH's body names the version to change.</summary>
    private readonly bool _isReadOnly = policy.IsOutputOnly && !(shape == Shape.Patch && policy.Field.Name == "etag");

    private readonly bool _isClearable = shape == Shape.Patch && policy is { IsUpdatable: true, IsRequired: false };

    public IOpenApiSchema Of()
    {
        var schema = Type();
        switch (_isClearable ? OrNull(schema) : schema)
        {
            case OpenApiSchemaReference reference:
                (reference.Description, reference.ReadOnly) = (Description, _isReadOnly);
                return reference;
            case OpenApiSchema own:
                (own.Description, own.ReadOnly) = (Description, _isReadOnly);
                return own;
            default:
                throw new InvalidOperationException($"{_field.FullName} has an unknown schema.");
        }
    }

    /// <summary>The schema without a description: for a parameter, which has its own.</summary>
    public IOpenApiSchema Type() => _field.IsMap ? Map() : _field.IsRepeated ? List() : Value(_field);

    /// <summary>The comment, with what it leaves to the options.</summary>
    public string Description
    {
        get
        {
            var comment = schemas.Comments.Of(_field);
            var limit = HasLimit && !HasBytes(comment) ? $" At most {policy.MaxBytes / 1024} KiB." : "";
            return comment + limit + (IsKept ? " A PATCH cannot change it: another value is IMMUTABLE_FIELD." : "");
        }
    }

    private bool HasLimit => policy is { MaxBytes: > 0, IsUuid: false } && !_isReadOnly && schemas.IsSent(_field.ContainingType);

    private bool IsKept => shape == Shape.Patch && !policy.IsOutputOnly && !policy.IsUpdatable;

    private static bool HasBytes(string comment) =>
        comment.Contains(" KiB", StringComparison.Ordinal) || comment.Contains(" MiB", StringComparison.Ordinal);

    private OpenApiSchema Map() => new()
    {
        Type = JsonSchemaType.Object,
        AdditionalProperties = Value(_field.MessageType.FindFieldByNumber(2)),
    };

    private OpenApiSchema List() => new()
    {
        Type = JsonSchemaType.Array,
        Items = Value(_field),
        MaxItems = policy.MaxItems > 0 ? policy.MaxItems : null,
        MinItems = policy.IsRequired && !_isReadOnly && shape == Shape.Whole ? 1 : null,
    };

    private IOpenApiSchema Value(FieldDescriptor field) => field.FieldType switch
    {
        FieldType.String => Text(),
        FieldType.Bool => new OpenApiSchema { Type = JsonSchemaType.Boolean },
        FieldType.Int32 => new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int32" },
        FieldType.Int64 => new OpenApiSchema { Type = JsonSchemaType.String, Format = "int64", Pattern = "^-?[0-9]+$" },
        FieldType.Double => new OpenApiSchema { Type = JsonSchemaType.Number, Format = "double" },
        FieldType.Enum => schemas.Of(field.EnumType),
        FieldType.Message when JsonFields.IsWellKnown(field.MessageType) => WellKnown(field.MessageType),
        FieldType.Message => schemas.Of(
            field.MessageType, field.ContainingOneof?.Name == "previous" ? Shape.Part : Shape.Whole),
        _ => throw new InvalidOperationException($"{field.FullName} has a type that the document does not know."),
    };

    private OpenApiSchema Text() => new()
    {
        Type = JsonSchemaType.String,
        Format = policy.IsUuid ? "uuid" : null,
        MinLength = policy.IsRequired && !policy.IsUuid ? 1 : null,
        MaxLength = policy.MaxCharacters > 0 ? policy.MaxCharacters : null,
    };

    private static OpenApiSchema WellKnown(MessageDescriptor message) =>
        message == Timestamp.Descriptor ? new OpenApiSchema { Type = JsonSchemaType.String, Format = "date-time" }
        : message == Duration.Descriptor ? new OpenApiSchema { Type = JsonSchemaType.String, Pattern = @"^-?[0-9]+(\.[0-9]{1,9})?s$" }
        : message == FieldMask.Descriptor ? new OpenApiSchema { Type = JsonSchemaType.String }
        : message == Struct.Descriptor ? new OpenApiSchema { Type = JsonSchemaType.Object, AdditionalPropertiesAllowed = true }
        // Any JSON, null too.
        : message == Google.Protobuf.WellKnownTypes.Value.Descriptor ? new OpenApiSchema()
        : throw new InvalidOperationException($"The document does not know {message.FullName}.");

    private static OpenApiSchema OrNull(IOpenApiSchema schema)
    {
        if (schema is not OpenApiSchema own)
        {
            return new OpenApiSchema { AnyOf = [schema, new OpenApiSchema { Type = JsonSchemaType.Null }] };
        }

        // A schema without a type is any JSON: null already.
        own.Type |= JsonSchemaType.Null;
        return own;
    }
}
