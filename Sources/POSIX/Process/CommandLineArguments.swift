// The words that the process was started with.

internal import CPOSIX

/// The arguments, the program's name first.
///
/// `CommandLine.arguments` reads them from /proc/self/cmdline, and without /proc, as in a chroot of
/// a web server, it is empty. The corresponding C parameters are `argc` and `argv` of `main`.
package func commandLineArguments() -> [String] {
  (0..<cposix_argument_count()).compactMap { index in
    unsafe cposix_argument(index).map { unsafe String(cString: $0) }
  }
}
