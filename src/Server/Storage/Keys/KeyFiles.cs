using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;

namespace TaskGrpc.Server.Storage.Keys;

/// <summary>
/// Keys in a folder, one file each. This class replaces the framework's repository, which writes through the system's temporary folder.
/// That folder may be read-only, and the errors of that repository do not name the file.
/// </summary>
internal sealed class KeyFiles(string folder) : IXmlRepository
{
    public const string Pattern = "*.xml";

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        OwnFiles.Folder(folder);
        return [.. Directory.EnumerateFiles(folder, Pattern).Select(Read)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        OwnFiles.Folder(folder);
        var path = Path.Combine(folder, friendlyName + Path.GetExtension(Pattern));
        // The file gets its real name once it is complete and on the disk.
        var partial = Path.Combine(folder, $"{Guid.NewGuid()}.tmp");
        try
        {
            using (var file = OwnFiles.Open(partial, FileMode.CreateNew))
            {
                element.Save(file);
                file.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    private static XElement Read(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return XElement.Load(stream);
        }
        catch (XmlException failure)
        {
            throw KeyFolder.Damaged(file, failure);
        }
    }
}
