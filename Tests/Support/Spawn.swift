// Starting programs.

internal import CGNU
internal import Glibc
internal import SystemPackage

/// Starts a program found by PATH with `input` and `output` as its standard ones, in a process
/// group of its own, out of reach of Ctrl-C. Standard error is shared.
///
/// It inherits no other descriptor. Tests run side by side in one process, and not every call that
/// opens one can also make it close-on-exec: a connection that a test closes would go on for as
/// long as a program lives that another test has started meanwhile.
///
/// The corresponding C function is `posix_spawnp`.
func spawn(_ arguments: [String], input: CInt, output: CInt) throws(Errno) -> pid_t {
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
  unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
  unsafe cgnu_add_close_from(&actions, 3)
  var attributes = posix_spawnattr_t()
  unsafe posix_spawnattr_init(&attributes)
  defer { unsafe posix_spawnattr_destroy(&attributes) }
  unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
  var vector = unsafe arguments.map { unsafe strdup($0) }
  defer { unsafe vector.forEach { unsafe free($0) } }
  unsafe vector.append(nil)
  var process: pid_t = 0
  let result = unsafe posix_spawnp(
    &process, arguments[0], &actions, &attributes, vector, environ)
  guard result == 0 else { throw Errno(rawValue: result) }
  return process
}
