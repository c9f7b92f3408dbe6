// Why no connection could be made, read from libpq's message.

/// Why the server at one address could not be used.
package struct ConnectionFailure: Equatable, Sendable {
  package enum Reason: Error, Equatable, Sendable {
    /// Nothing listens there.
    case refused
    /// No route, or the network is down.
    case unreachable
    /// The Unix socket is missing or may not be used.
    case noSocket
    case hostNotFound
    case timedOut
    /// No descriptor was left for the connection, or for the look-up of the host's name.
    case noDescriptor
    /// The peer ended the connection before it was usable.
    case closedByServer
    /// TLS was asked for and the server has none.
    case tlsUnavailable
    /// The server's certificate is not valid, not trusted, or for another name.
    case certificateRejected
    /// A file with certificates or a key, which the URL names, cannot be read.
    case certificateFile
    /// The server answered, and refused.
    case server(SQLState)
    /// A pooler answered, and refused: one SQLSTATE of it stands for many causes.
    case pooler(PoolerRefusal)
    /// What libpq says, without anything it quotes; empty where even that is not safe to show.
    case other(String)
  }

  package let reason: Reason
  /// Host and port, or the directory of the Unix socket.
  package let endpoint: String
}

extension ConnectionFailure.Reason {
  /// Whether it is over once the server, or what lies between, is there.
  var mayPass: Bool {
    switch self {
    case .refused, .unreachable, .noSocket, .hostNotFound, .timedOut, .noDescriptor,
      .closedByServer, .other:
      true
    case .tlsUnavailable, .certificateRejected, .certificateFile: false
    case .server(let state): state.mayComeToBe
    case .pooler(let refusal): [.full, .noServer, .shutdown].contains(refusal)
    }
  }

  /// Classifies libpq's message of a failed connection, made with `PQERRORS_VERBOSE`.
  ///
  /// - Parameter secrets: what must not be in the result, such as password and user.
  init(message: String, secrets: [String]) {
    if let (state, text) = Self.refusal(in: message) {
      let refusal = state == .protocolViolation ? PoolerRefusal(message: text) : nil
      self = refusal.map { .pooler($0) } ?? .server(state)
    } else if let known = Self.knownTexts.first(where: { message.contains($0.text) }) {
      self = known.reason
    } else {
      self = .other(Self.withoutQuotations(message, secrets: secrets))
    }
  }

  /// The code in `...: FATAL:  28P01: ...`, as libpq formats a server's error at that verbosity,
  /// and what follows it. The severity before it may be in the server's language, so it is not
  /// looked at. Of several attempts the last counts.
  private static func refusal(in message: String) -> (SQLState, text: Substring)? {
    for line in message.split(separator: "\n").reversed() {
      var rest = line
      while let colon = rest.firstRange(of: ":  ") {
        rest = rest[colon.upperBound...]
        let code = rest.prefix(5)
        if rest.dropFirst(5).hasPrefix(": "), let state = SQLState(rawValue: String(code)) {
          return (state, rest.dropFirst(7))
        }
      }
    }
    return nil
  }

  /// libpq's own texts and the C library's, in the C locale, which this program never leaves.
  private static let knownTexts: [(text: String, reason: ConnectionFailure.Reason)] = [
    // Before the others: whichever step it is that finds none left.
    ("Too many open files", .noDescriptor),
    ("could not translate host name", .hostNotFound),
    ("certificate verify failed", .certificateRejected),
    ("server certificate for", .certificateRejected),
    ("root certificate file", .certificateFile),
    ("could not load root certificate", .certificateFile),
    ("certificate file", .certificateFile),
    ("private key file", .certificateFile),
    ("server does not support SSL", .tlsUnavailable),
    ("No such file or directory\n\tIs the server", .noSocket),
    ("Permission denied\n\tIs the server", .noSocket),
    ("Connection refused", .refused),
    ("Network is unreachable", .unreachable),
    ("No route to host", .unreachable),
    ("Connection timed out", .timedOut),
    ("timeout expired", .timedOut),
    ("server closed the connection unexpectedly", .closedByServer),
    ("Connection reset by peer", .closedByServer),
    ("SSL SYSCALL error: EOF detected", .closedByServer),
  ]

  private static func withoutQuotations(_ message: String, secrets: [String]) -> String {
    var text = ""
    var isQuoted = false
    for character in message {
      if character == "\"" {
        isQuoted.toggle()
        text += isQuoted ? "\"..." : "\""
      } else if !isQuoted {
        text.append(character)
      }
    }
    // A secret that holds a quotation mark itself could have come through in part.
    let isSafe = secrets.allSatisfy { secret in
      !secret.contains("\"") && (secret.isEmpty || !text.contains(secret))
    }
    return isSafe ? singleLine(text) : ""
  }
}

/// Why a pooler let nobody in, by the beginning of its text. What follows, such as names, is not
/// looked at.
package enum PoolerRefusal: CaseIterable, Sendable {
  case full
  case startupParameter
  case noDatabase
  case noUser
  case noServer
  case shutdown

  init?(message: Substring) {
    guard let refusal = Self.allCases.first(where: { $0.texts.contains { message.hasPrefix($0) } })
    else { return nil }
    self = refusal
  }

  private var texts: [String] {
    switch self {
    case .full:
      ["no more connections allowed", "max_", "client_login_timeout", "query_wait_timeout"]
    case .startupParameter: ["unsupported startup parameter"]
    case .noDatabase: ["no such database"]
    case .noUser: ["no such user"]
    case .noServer:
      ["server login ", "cannot connect to server", "pgbouncer cannot connect to server"]
    case .shutdown: ["server shutting down", "the database system is shutting down", "shutdown"]
    }
  }
}

extension PoolerRefusal: CustomStringConvertible {
  package var description: String {
    switch self {
    case .full:
      "the pooler has no connection left for us (PgBouncer: max_client_conn, pool sizes)"
    case .startupParameter:
      "the pooler refuses a startup parameter; pgbouncer=true in the URL leaves ours out"
    case .noDatabase: "the pooler does not know the database"
    case .noUser: "the pooler does not know the user"
    case .noServer: "the pooler cannot connect to its server"
    case .shutdown: "the pooler is shutting down"
    }
  }
}

extension ConnectionFailure: CustomStringConvertible {
  package var description: String { "\(endpoint): \(reason)" }
}

extension ConnectionFailure.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .refused: "connection refused: nothing listens there"
    case .unreachable: "the network or the host cannot be reached"
    case .noSocket: "the server's Unix socket is missing or may not be used"
    case .hostNotFound: "could not translate the host name to an address"
    case .timedOut: "no response in time"
    case .noDescriptor: "no file descriptor is left: too many open files"
    case .closedByServer: "the server closed the connection"
    case .tlsUnavailable: "the server does not support TLS, which the URL asks for"
    case .certificateRejected: "the server's certificate is not trusted or for another name"
    case .certificateFile:
      "a certificate or key file that the URL names is missing, or cannot be read or used"
    case .pooler(let refusal): "\(refusal) (SQLSTATE 08P01)"
    case .server(let state): "\(Self.meaning(of: state)) (SQLSTATE \(state.rawValue))"
    case .other(let text): text.isEmpty ? "libpq's reason is withheld" : text
    }
  }

  private static func meaning(of state: SQLState) -> String {
    switch state {
    case .invalidPassword: "password authentication failed"
    case .invalidAuthorization: "the server's rules (pg_hba.conf) or roles refuse this user"
    case .invalidDatabase: "the database does not exist"
    case .tooManyConnections: "the server has no connection slot left"
    case .cannotConnectNow: "the server is starting up, shutting down or recovering"
    case .protocolViolation: "the server or its pooler refused the connection"
    default: "the server refused the connection"
    }
  }
}
