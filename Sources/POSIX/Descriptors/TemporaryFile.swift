// A file without a name, which no crash can leave behind.

internal import CPOSIX
internal import Glibc
package import SystemPackage

extension OwnedDescriptor {
  /// Opens a nameless file in `directory` for reading and writing.
  ///
  /// It is made with `O_TMPFILE` where the file system has it; elsewhere a file is made under a
  /// random name and unlinked at once. Either way its room is given back when it is closed, or
  /// when the process dies. The corresponding C functions are `open` and `mkostemp`.
  package static func temporaryFile(in directory: String) throws(Errno) -> OwnedDescriptor {
    let nameless: CInt
    do {
      nameless = try retrying { unsafe cposix_open_temporary(directory) }
    } catch {
      // Kernels and file systems without O_TMPFILE say one of these; a directory that really is
      // missing says so again below.
      switch error {
      case .notSupported, .isDirectory, .noSuchFileOrDirectory:
        return try unlinkedFile(in: directory)
      default: throw error
      }
    }
    return OwnedDescriptor(owning: nameless)
  }

  private static func unlinkedFile(in directory: String) throws(Errno) -> OwnedDescriptor {
    var path = Array("\(directory)/sessions-fcgi-XXXXXX".utf8CString)
    let number = try retrying { unsafe cposix_mkostemp(&path) }
    let file = OwnedDescriptor(owning: number)
    _ = try retrying { unsafe unlink(path) }
    return file
  }
}

/// Whether files in `directory` take memory instead of disk (tmpfs, ramfs).
/// The corresponding C function is `statfs`.
package func isMemoryBacked(_ directory: String) throws(Errno) -> Bool {
  try retrying { unsafe cposix_is_memory_backed(directory) } == 1
}
