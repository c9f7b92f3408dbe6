// Standard input, output and error.

internal import CPOSIX
internal import Glibc

/// Takes the numbers of those that whoever started the process has closed, as FastCGI allows. What
/// is opened next would get them, and be what is printed and logged to: a connection to the
/// database, for example. Call it first of all.
package func reserveStandardDescriptors() {
  for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
    // It is there in a chroot as well, and refuses to be read and written as a closed one does.
    _ = unsafe open("/", O_RDONLY | O_CLOEXEC)
  }
}

/// Writes what waits to be written to standard output, and says whether all that was printed there
/// has been written. The corresponding C functions are `fflush` and `ferror`.
package func isOutputWritten() -> Bool { cposix_flush_output() == 0 }
