using System.Runtime.CompilerServices;
using Google.Protobuf.WellKnownTypes;
using TaskGrpc.Server.Faults;
using TaskGrpc.Server.Filtering;
using TaskGrpc.Server.Ledger.Reading;

namespace TaskGrpc.Server.Ledger.Kinds;

/// <summary>
/// A kind's columns, declared once: from each come the row's value, the field that a filter may name and, if it says so, the field that
/// order_by may name. A column is called as its field, with an underscore for a dot.
/// </summary>
internal sealed class Columns<T>
{
    private readonly List<ColumnValue<T>> _values = [];
    private readonly List<SortField> _sorts = [];
    private readonly List<GroupField> _groups = [];

    /// <summary>The fields that a filter may name.</summary>
    public FilterFields<T> Filters { get; } = new();

    /// <summary>The fields that order_by may name.</summary>
    public IReadOnlyList<SortField> Sorts => _sorts;

    /// <summary>The fields by which resources can be counted apart: enums, flags, and texts and ids that say so.</summary>
    public IReadOnlyList<GroupField> Groups => _groups;

    /// <summary>The columns, with what each holds of a resource.</summary>
    public IReadOnlyList<ColumnValue<T>> Values => _values;

    public Columns<T> Id(string name, Func<T, string> value, string? column = null, bool group = false) =>
        Group<Guid>(group, name, id => id.ToString())
            .Scalar(name, resource => Guid.Parse(value(resource)), LiteralValues.Id, column: column);

    public Columns<T> OptionalId(string name, Func<T, Guid?> value) => Scalar(name, value, LiteralValues.Id, isOptional: true);

    public Columns<T> Text(string name, Func<T, string?> value, bool sort = false, bool group = false)
    {
        Filters.Add(new TextField<T>(name, ColumnOf(name), value));
        return Group<string>(group, name, text => text).Add(name, value, sort ? typeof(string) : null, isOptional: false);
    }

    /// <summary>
    /// A text that is the organization's id where the caller gave none. Rows with that default are not in the column's index.
    /// </summary>
    public Columns<T> TextOrOrganization(string name, Func<T, string?> value)
    {
        Filters.Add(new OrganizationTextField<T>(name, ColumnOf(name), value));
        return Group<string>(true, name, text => text).Add(name, value);
    }

    /// <summary>A text that only the server's own statements read: no filter names it.</summary>
    public Columns<T> Hidden(string name, Func<T, string?> value) => Add(name, value, isCompared: false);

    /// <summary>Free-form data, stored as JSON text.</summary>
    public Columns<T> Json(string name, Func<T, Struct?> value)
    {
        Filters.Add(new JsonField<T>(name, ColumnOf(name), value));
        return Add(name, resource => JsonText.Of(value(resource)), isCompared: false);
    }

    public Columns<T> Number(string name, Func<T, int> value, bool sort = false) =>
        Scalar(name, resource => value(resource), LiteralValues.Number, sort);

    public Columns<T> Flag(string name, Func<T, bool> value) =>
        Group<bool>(true, name, flag => flag ? "true" : "false")
            .Scalar(name, resource => value(resource), LiteralValues.Flag, isOrdered: false);

    public Columns<T> Moment(string name, Func<T, Timestamp> value, bool sort = false) =>
        Scalar(name, resource => Ledger.Moment.ToColumn(value(resource)), LiteralValues.Moment, sort);

    public Columns<T> OptionalMoment(string name, Func<T, Timestamp?> value, bool sort = false) =>
        Scalar(name, resource => Ledger.Moment.ToColumn(value(resource)), LiteralValues.Moment, sort, isOptional: true);

    public Columns<T> Enum<TEnum>(string name, Func<T, TEnum> value, bool sort = false)
        where TEnum : struct, System.Enum =>
        Group<int>(true, name, EnumNames<TEnum>.Of)
            .Scalar(name, resource => Number(value(resource)), LiteralValues.Enum<TEnum>, sort, isOrdered: false);

    public Columns<T> OptionalEnum<TEnum>(string name, Func<T, TEnum?> value)
        where TEnum : struct, System.Enum =>
        Group<int>(true, name, EnumNames<TEnum>.Of)
            .Scalar(name, resource => value(resource) is { } own ? Number(own) : null, LiteralValues.Enum<TEnum>,
                isOrdered: false, isOptional: true);

    private Columns<T> Group<TValue>(bool isWanted, string name, Func<TValue, string> text)
    {
        if (isWanted)
        {
            _groups.Add(new GroupField(name, ColumnOf(name), typeof(TValue), value => text((TValue)value)));
        }

        return this;
    }

    /// <summary>The number of a proto's enum value, without boxing it.</summary>
    private static int Number<TEnum>(TEnum value)
        where TEnum : struct, System.Enum => Unsafe.BitCast<TEnum, int>(value);

    private static string ColumnOf(string name) => name.Replace('.', '_');

    private Columns<T> Scalar<TValue>(
        string name, Func<T, TValue?> value, Func<FilterLiteral, TValue> read, bool sort = false, bool isOrdered = true,
            string? column = null, bool isOptional = false)
        where TValue : struct, IComparable<TValue>
    {
        var own = column ?? ColumnOf(name);
        var operand = isOptional ? SqlOperand.OptionalColumn(own) : SqlOperand.Column(own);
        Filters.Add(new ScalarField<T, TValue>(name, operand, value, read, isOrdered));
        return Add(name, resource => value(resource), sort ? typeof(TValue) : null, isOptional, column);
    }

    private Columns<T> Add(
        string name, Func<T, object?> value, System.Type? sorted = null, bool isOptional = false, string? column = null,
            bool isCompared = true)
    {
        var own = column ?? ColumnOf(name);
        _values.Add(new ColumnValue<T>(own, value, isCompared));
        if (sorted is not null)
        {
            _sorts.Add(new SortField(name, own, sorted, isOptional));
        }

        return this;
    }
}
