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
    /// The server answered, and refused.
    case server(SQLState)
    /// What libpq says, without anything it quotes; empty where even that is not safe to show.
    case other(String)
  }

  package let reason: Reason
  /// Host and port, or the directory of the Unix socket.
  package let endpoint: String
}

extension ConnectionFailure.Reason {
  /// Classifies libpq's message of a failed connection, made with `PQERRORS_SQLSTATE`.
  ///
  /// - Parameter secrets: what must not be in the result, such as password and user.
  init(message: String, secrets: [String]) {
    if let state = Self.trailingState(of: message) {
      self = .server(state)
    } else if let known = Self.knownTexts.first(where: { message.contains($0.text) }) {
      self = known.reason
    } else {
      self = .other(Self.withoutQuotations(message, secrets: secrets))
    }
  }

  /// The code in `...: FATAL:  28P01`, as libpq formats a server's error at that verbosity. The
  /// severity before it may be in the server's language, so it is not looked at.
  private static func trailingState(of message: String) -> SQLState? {
    let line = message.split(separator: "\n").last ?? ""
    guard let space = line.lastIndex(of: " "), line[..<space].hasSuffix(": ") else { return nil }
    return SQLState(rawValue: String(line[line.index(after: space)...]))
  }

  /// libpq's own texts and the C library's, in the C locale, which this program never leaves.
  private static let knownTexts: [(text: String, reason: ConnectionFailure.Reason)] = [
    // Before the others: whichever step it is that finds none left.
    ("Too many open files", .noDescriptor),
    ("could not translate host name", .hostNotFound),
    ("certificate verify failed", .certificateRejected),
    ("server certificate for", .certificateRejected),
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
    case .protocolViolation: "the server or its pooler refused the connection's parameters"
    default: "the server refused the connection"
    }
  }
}
