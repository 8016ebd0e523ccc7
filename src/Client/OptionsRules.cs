using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace TaskGrpc.Client;

/// <summary>Checks options that do not come from dependency injection.</summary>
internal static class OptionsRules
{
    /// <exception cref="ValidationException">An option is wrong; the message names every wrong one.</exception>
    public static void Check<T>(IValidateOptions<T> rules, T options)
        where T : class
    {
        if (rules.Validate(null, options) is { Failed: true } result)
        {
            throw new ValidationException(result.FailureMessage);
        }
    }
}
