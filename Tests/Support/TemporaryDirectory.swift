// A directory for one test.

internal import Glibc
internal import POSIX
package import SystemPackage

/// A fresh directory, removed at the end with the files in it.
package struct TemporaryDirectory: ~Copyable {
  package let path: String

  /// What the file `name` holds.
  package func contents(of name: String) throws(Errno) -> [UInt8] {
    let path = path(of: name)
    let file = OwnedDescriptor(
      owning: try retrying { unsafe open(path, O_RDONLY | O_CLOEXEC) })
    return try file.readToEnd()
  }

  package init() throws(Errno) {
    var template = Array("/tmp/sessions-fcgi-test-XXXXXX".utf8CString)
    guard unsafe mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  /// The path of a file in it.
  package func path(of name: String) -> String { "\(path)/\(name)" }

  /// The names of the files in it, sorted.
  package var names: [String] {
    guard let stream = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  deinit {
    for name in names { unsafe unlink(path(of: name)) }
    unsafe rmdir(path)
  }
}
