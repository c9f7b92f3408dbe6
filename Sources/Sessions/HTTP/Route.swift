// Which request is which.

internal import Gateway
internal import HTTPSyntax

/// What a path stands for.
enum Resource: Equatable {
  case sessions
  case session(id: String)
  case audio(id: String)

  private static let root: StaticString = "/api/sessions"

  /// - Parameter path: decoded. Nil for anything that is not ours.
  init?(path: [UInt8]) {
    let root = path.prefix(Resource.root.utf8CodeUnitCount)
    guard root.span == Resource.root else { return nil }
    let rest = path[root.endIndex...]
    if rest.isEmpty {
      self = .sessions
      return
    }
    let segments = rest.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    // The first is what precedes the slash: empty, or this is /api/sessionsomething.
    guard segments[0].isEmpty, segments.count >= 2,
      let id = PlainText.parse(Array(segments[1])), !id.isEmpty
    else { return nil }
    switch segments.count {
    case 2: self = .session(id: id)
    case 3 where segments[2].elementsEqual("audio".utf8): self = .audio(id: id)
    default: return nil
    }
  }

  /// - Throws: `.notFound`.
  init(_ variables: MetaVariables) throws(Refusal) {
    guard let path = variables.path, let resource = Resource(path: path) else { throw .notFound }
    self = resource
  }

  var allow: String {
    switch self {
    case .sessions: "GET, HEAD, OPTIONS, POST"
    case .session: "DELETE, GET, HEAD, OPTIONS"
    case .audio: "GET, HEAD, OPTIONS"
    }
  }
}

/// A request that is served.
enum Route: Equatable {
  case create
  case list
  case show(id: String)
  case delete(id: String)
  case play(id: String)
  case options(allow: String)

  /// - Throws: `.notFound` or `.methodNotAllowed`.
  init(_ variables: MetaVariables) throws(Refusal) {
    let resource = try Resource(variables)
    let method = variables.requestMethod.span
    let isRead = method == "GET" || method == "HEAD"
    switch resource {
    case .sessions where method == "POST": self = .create
    case .sessions where isRead: self = .list
    case .session(let id) where method == "DELETE": self = .delete(id: id)
    case .session(let id) where isRead: self = .show(id: id)
    case .audio(let id) where isRead: self = .play(id: id)
    case _ where method == "OPTIONS": self = .options(allow: resource.allow)
    default: throw .methodNotAllowed(allow: resource.allow)
    }
  }

  /// What is asked for, without the id: a name for logs and metrics.
  enum Kind: Int, CaseIterable {
    /// Refused before there was a route.
    case none
    case create, list, show, delete, play, options

    var name: StaticString {
      switch self {
      case .none: "none"
      case .create: "create"
      case .list: "list"
      case .show: "show"
      case .delete: "delete"
      case .play: "play"
      case .options: "options"
      }
    }
  }

  var kind: Kind {
    switch self {
    case .create: .create
    case .list: .list
    case .show: .show
    case .delete: .delete
    case .play: .play
    case .options: .options
    }
  }

  /// Whether another site must not be able to cause it (see `CSRFCheck`).
  var changesSomething: Bool {
    switch self {
    case .create, .delete: true
    default: false
    }
  }
}
