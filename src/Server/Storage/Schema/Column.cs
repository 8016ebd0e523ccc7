using System.Reflection;
using System.Text;

namespace TaskGrpc.Server.Storage.Schema;

/// <summary>A column: a property of its table's row.</summary>
/// <param name="property">The property.</param>
/// <param name="place">The column's place in the table, from 0.</param>
internal sealed class Column(PropertyInfo property, int place)
{
    private Getter? _getter;

    public string Property => property.Name;

    public int Place { get; } = place;

    public string Name { get; } = NameOf(property.Name);

    /// <summary>The type of its values.</summary>
    public Type Type { get; } = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    /// <summary>Whether it may be NULL. Unknown of texts, whose type does not say it.</summary>
    public bool IsOptional { get; } = Nullable.GetUnderlyingType(property.PropertyType) is not null;

    /// <summary>The value as the row has it.</summary>
    public object? ValueOf(object row) => row is StoredRow stored ? stored.Values[Place] : (_getter ??= Getter.Of(property)).Get(row);

    /// <summary>A property's column.</summary>
    public static string NameOf(string property)
    {
        var name = new StringBuilder(property.Length + 4);
        for (var i = 0; i < property.Length; i++)
        {
            if (i > 0 && char.IsAsciiLetterUpper(property[i]) && !char.IsAsciiLetterUpper(property[i - 1]))
            {
                name.Append('_');
            }

            name.Append(char.ToLowerInvariant(property[i]));
        }

        return name.ToString();
    }

    /// <summary>Reads a property by its own accessor: a compiled getter for each took a third of the server's start.</summary>
    private abstract class Getter
    {
        public abstract object? Get(object row);

        /// <summary>Given the accessor after it is made: for a constructor with parameters, reflection compiles a method each.</summary>
        public static Getter Of(PropertyInfo property)
        {
            var getter =
                (Getter)Activator.CreateInstance(typeof(Getter<,>).MakeGenericType(property.DeclaringType!, property.PropertyType))!;
            getter.Read(property.GetMethod!);
            return getter;
        }

        protected abstract void Read(MethodInfo accessor);
    }

    private sealed class Getter<TRow, TValue> : Getter
    {
        private Func<TRow, TValue>? _read;

        public override object? Get(object row) => _read!((TRow)row);

        protected override void Read(MethodInfo accessor) => _read = accessor.CreateDelegate<Func<TRow, TValue>>();
    }
}
