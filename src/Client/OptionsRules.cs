using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace TaskGrpc.Client;

/// <summary>Checks options that were not given through dependency injection.</summary>
internal static class OptionsRules
{
    /// <exception cref="ValidationException">A rule is broken; the message has all that are.</exception>
    public static void Check<T>(IValidateOptions<T> rules, T options)
        where T : class
    {
        if (rules.Validate(null, options) is { Failed: true } result)
        {
            throw new ValidationException(result.FailureMessage);
        }
    }
}
