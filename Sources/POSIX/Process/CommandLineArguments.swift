// The words that the process was started with.

internal import CPOSIX

/// The arguments, the program's name first; nil where one is not UTF-8. Mended it would be another
/// one, and a user's name another user's.
///
/// `CommandLine.arguments` reads them from /proc/self/cmdline, and without /proc, as in a chroot of
/// a web server, it is empty. The corresponding C parameters are `argc` and `argv` of `main`.
package func commandLineArguments() -> [String]? {
  var arguments: [String] = []
  for index in 0..<cposix_argument_count() {
    guard let bytes = unsafe cposix_argument(index) else { break }
    guard let text = unsafe String(validatingCString: bytes) else { return nil }
    arguments.append(text)
  }
  return arguments
}
