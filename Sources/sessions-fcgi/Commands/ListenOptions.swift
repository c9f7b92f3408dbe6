// Where a server listens, as its command line says.

internal import ArgumentParser
internal import POSIX

struct ListenOptions: ParsableArguments {
  @Option(help: "Where to listen: a Unix socket's path, or <loopback address>:<port>.")
  var listen: String?

  @Flag(
    help: """
      Lets --listen name an address beyond loopback. Nothing is encrypted, and whoever can connect \
      is every user.
      """)
  var trustAllWhoCanConnect = false

  @Option(help: "The Unix socket's permissions, in octal.")
  var socketMode: String = "0660"

  @Option(help: "The Unix socket's group, so that the web server may connect.")
  var socketGroup: String?

  func validate() throws {
    guard UInt32(socketMode, radix: 8).map({ $0 <= 0o7777 }) == true else {
      throw ValidationError("--socket-mode must be octal, such as 0660")
    }
    if let listen, address(listen) == nil {
      throw ValidationError("--listen must be a path, or <loopback address>:<port>")
    }
    if listen == nil, InheritedSocket.number == nil {
      throw ValidationError("no socket was inherited; say with --listen where to listen")
    }
  }

  /// What `--listen` names, or what the process inherited.
  func openListener() throws -> Listener {
    if let listen, let address = address(listen, beyondLoopback: trustAllWhoCanConnect) {
      return try open(address, named: listen)
    }
    guard let number = InheritedSocket.number else { preconditionFailure("checked in validate") }
    return try Listener.inherited(number)
  }

  func open(_ address: ListenAddress, named name: String) throws -> Listener {
    do throws(ListenError) {
      return try Listener.open(address)
    } catch {
      throw Unusable(listen: name, reason: error)
    }
  }

  /// Reads `<host>:<port>`, `[::1]:<port>`, or a path, which has a slash.
  func address(_ text: String, beyondLoopback: Bool = false) -> ListenAddress? {
    if text.contains("/") {
      guard let mode = UInt32(socketMode, radix: 8) else { return nil }
      return .unix(path: text, mode: mode, group: socketGroup)
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
    else { return nil }
    let host = text[..<colon].drop { $0 == "[" }.prefix { $0 != "]" }
    guard !host.isEmpty else { return nil }
    return .tcp(host: String(host), port: port, beyondLoopback: beyondLoopback)
  }

  private struct Unusable: Error, CustomStringConvertible {
    let listen: String
    let reason: ListenError
    var description: String { "cannot listen on \(listen): \(reason)" }
  }
}
