// What pages of other origins are told: every kind of response, to listed origins and to others.

import Gateway
import POSIX
import Postgres
import R2
import Testing

import enum HTTPClient.HTTPError

@testable import Sessions

private let listed = "https://app.example"
private let upload = [Part.file(), .text("duration", "5")]
private let asking = ("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "POST")
private let common = [
  "Access-Control-Allow-Origin: \(listed)", "Access-Control-Allow-Credentials: true",
  "Access-Control-Expose-Headers: "
    + "Location, Retry-After, X-Request-Id, Content-Range, Accept-Ranges",
  "Vary: Origin",
]

extension Answer {
  /// What it says to pages of other origins.
  fileprivate var cors: [String] {
    head.filter { $0.hasPrefix("Access-Control-") || $0.hasPrefix("Vary: ") }
  }
}

/// Requests that together get every kind of response.
enum ResponseKind: CaseIterable {
  case created, listed, shown, deleted, played, playedPart, headOfRecording, headOfList, options
  case rangeNotSatisfiable, handedOver, badQuery, notFound, otherMethod, noForm, noSession
  case inProgress, noDatabase, noStorage, nobody, preflight, preflightOfNothing

  func answer(_ bench: borrowing Bench, _ origin: String?) -> Answer {
    bench.addSession()
    switch self {
    case .inProgress:
      bench.sessions.change { $0.beginning = .inProgress(retryAfterSeconds: 7) }
    case .noDatabase: bench.sessions.change { $0.failures["list"] = .timedOut }
    case .noStorage: bench.recordings.change { $0.failure = .http(.timedOut) }
    default: break
    }
    let headers = origin.map { [("HTTP_ORIGIN", $0), ("HTTP_SEC_FETCH_SITE", "cross-site")] } ?? []
    switch self {
    case .created, .inProgress, .noStorage: return bench.upload(upload, headers)
    default: break
    }
    let request = request
    let isNobody = [.nobody, .preflight, .preflightOfNothing].contains(self)
    return bench.answer(
      request.method, "/api/sessions" + request.path,
      user: isNobody ? "" : FakeSessionStore.user, headers + request.headers)
  }

  private var request: (method: String, path: String, headers: [(String, String)]) {
    switch self {
    case .created, .inProgress, .noStorage, .noForm: ("POST", "", [])
    case .listed, .nobody, .noDatabase: ("GET", "", [])
    case .shown: ("GET", "/s", [])
    case .deleted: ("DELETE", "/s", [])
    case .played: ("GET", "/s/audio", [])
    case .playedPart: ("GET", "/s/audio", [("HTTP_RANGE", "bytes=1-2")])
    case .headOfRecording: ("HEAD", "/s/audio", [])
    case .headOfList: ("HEAD", "", [])
    case .options: ("OPTIONS", "", [])
    case .rangeNotSatisfiable: ("GET", "/s/audio", [("HTTP_RANGE", "bytes=10-")])
    case .handedOver: ("GET", "/s/audio", [("X_ACCEL", "on")])
    case .badQuery: ("GET", "?page=0", [])
    case .notFound: ("GET", "/", [])
    case .otherMethod: ("PUT", "", [])
    case .noSession: ("DELETE", "/other", [])
    case .preflight: ("OPTIONS", "", [asking])
    case .preflightOfNothing: ("OPTIONS", "/", [asking])
    }
  }

  /// To a listed origin.
  var status: String {
    switch self {
    case .created: "201"
    case .listed, .shown, .deleted, .played, .headOfRecording, .headOfList, .handedOver: "200"
    case .playedPart: "206"
    case .options, .preflight: "204"
    case .badQuery: "400"
    case .nobody: "401"
    case .notFound, .noSession, .preflightOfNothing: "404"
    case .otherMethod: "405"
    case .inProgress: "409"
    case .noForm: "415"
    case .rangeNotSatisfiable: "416"
    case .noDatabase, .noStorage: "503"
    }
  }

  var changesSomething: Bool {
    switch self {
    case .created, .deleted, .noForm, .noSession, .inProgress, .noStorage: true
    default: false
    }
  }
}

@Suite struct `Responses to pages of other origins` {
  @Test(arguments: ResponseKind.allCases)
  func `a listed origin may read every response`(kind: ResponseKind) throws {
    let answer = kind.answer(try Bench(allowedOrigins: origins("https://b", listed)), listed)
    #expect(answer.status == kind.status)
    #expect(answer.cors.filter { common.contains($0) } == common)
    #expect((answer.cors.count > common.count) == (kind == .preflight))
  }

  @Test(arguments: [
    "https://evil.example", "null", "https://app.example.evil.example", "http://app.example",
    "https://app.example:8443", "https://app.example, https://app.example", "", "*",
  ])
  func `another origin gets no header, and changes nothing`(origin: String) throws {
    for kind in ResponseKind.allCases {
      let bench = try Bench(allowedOrigins: origins(listed))
      let answer = kind.answer(bench, origin)
      #expect(answer.cors == ["Vary: Origin"])
      #expect((answer.code == "CSRF_REJECTED") == kind.changesSomething)
      #expect(bench.sessions.now.sessions == ["s": "sessions/u/s/audio.webm"])
      #expect(bench.recordings.now.objects.count == 1)
    }
  }

  @Test(arguments: ResponseKind.allCases)
  func `who names no origin gets the same response as ever`(kind: ResponseKind) throws {
    // Without an origin it is no preflight.
    let asksFirst = kind == .preflight || kind == .preflightOfNothing
    for allowed in [origins(listed), []] {
      let answer = kind.answer(try Bench(allowedOrigins: allowed), nil)
      #expect(answer.status == (asksFirst ? "401" : kind.status))
      #expect(answer.cors == (allowed.isEmpty ? [] : ["Vary: Origin"]))
    }
  }

  @Test(arguments: ResponseKind.allCases)
  func `nothing is said where no origin is listed`(kind: ResponseKind) throws {
    #expect(kind.answer(try Bench(), listed).cors.isEmpty)
  }

  @Test func `an origin is told as it was sent`() throws {
    let bench = try Bench(allowedOrigins: origins("HTTPS://App.Example:443"))
    for origin in [listed, "https://app.example:443"] {
      let answer = bench.answer("GET", "/api/sessions", [("HTTP_ORIGIN", origin)])
      #expect(answer["Access-Control-Allow-Origin"] == origin)
    }
  }

  @Test func `two origins are none`() throws {
    let bench = try Bench(allowedOrigins: origins(listed, "https://b"))
    for second in [listed, "https://b", "https://evil.example"] {
      let twice = [("HTTP_ORIGIN", listed), ("HTTP_ORIGIN", second)]
      #expect(bench.answer("GET", "/api/sessions", twice).cors == ["Vary: Origin"])
      #expect(bench.upload(upload, twice).code == "CSRF_REJECTED")
    }
  }
}

@Suite struct `Preflights` {
  private static let other = "https://evil.example"

  @Test(arguments: [
    ("/api/sessions", "GET, HEAD, OPTIONS, POST"),
    ("/api/sessions/s", "DELETE, GET, HEAD, OPTIONS"),
    ("/api/sessions/unknown", "DELETE, GET, HEAD, OPTIONS"),
    ("/api/sessions/s/audio", "GET, HEAD, OPTIONS"),
  ])
  func `a listed origin hears what it may send, and nothing is looked up`(
    path: String, methods: String
  ) throws {
    for user in [nil, "", "demo"] {
      let bench = try Bench(allowedOrigins: origins(listed))
      var exchange = FakeExchange("OPTIONS", path, user: user, [("HTTP_ORIGIN", listed), asking])
      let answer = bench.answer(&exchange)
      #expect(answer.status == "204")
      #expect(answer.body.isEmpty)
      #expect(answer["Allow"] == methods)
      #expect(answer["Access-Control-Allow-Origin"] == listed)
      #expect(answer["Access-Control-Allow-Credentials"] == "true")
      #expect(answer["Access-Control-Allow-Methods"] == methods)
      #expect(
        answer["Access-Control-Allow-Headers"]
          == "Content-Type, Idempotency-Key, Authorization, Range, traceparent")
      #expect(answer["Access-Control-Max-Age"] == "7200")
      #expect(answer["Vary"] == "Origin")
      #expect(bench.sessions.now.calls.isEmpty)
    }
  }

  @Test func `another origin hears what there is, and nothing that lets it in`() throws {
    for allowed in [origins(listed), []] {
      let bench = try Bench(allowedOrigins: allowed)
      let headers = [("HTTP_ORIGIN", Self.other), asking]
      let answer = bench.answer("OPTIONS", "/api/sessions", user: "", headers)
      #expect(answer.status == "204")
      #expect(answer["Allow"] == "GET, HEAD, OPTIONS, POST")
      #expect(answer.cors == (allowed.isEmpty ? [] : ["Vary: Origin"]))
    }
  }

  @Test(arguments: [
    ("OPTIONS", [("HTTP_ORIGIN", listed)]), ("OPTIONS", [asking]), ("OPTIONS", []),
    ("OPTIONS", [("HTTP_ORIGIN", ""), asking]),
    ("OPTIONS", [("HTTP_ORIGIN", listed), ("HTTP_ACCESS_CONTROL_REQUEST_METHOD", "")]),
    ("GET", [("HTTP_ORIGIN", listed), asking]), ("HEAD", [("HTTP_ORIGIN", listed), asking]),
    ("POST", [("HTTP_ORIGIN", listed), asking]),
    ("DELETE", [("HTTP_ORIGIN", listed), asking]),
    ("options", [("HTTP_ORIGIN", listed), asking]),
  ])
  func `nothing else passes without identity`(
    method: String, headers: [(String, String)]
  ) throws {
    let bench = try Bench(allowedOrigins: origins(listed))
    let answer = bench.answer(method, "/api/sessions/s", user: "", headers)
    #expect(answer.status == "401")
    #expect(answer["Access-Control-Allow-Methods"] == nil)
    #expect(bench.sessions.now.calls.isEmpty)
  }

  @Test func `it is logged as what it is`() throws {
    let bench = try Bench(allowedOrigins: origins(listed))
    _ = bench.answer("OPTIONS", "/api/sessions", user: "", [("HTTP_ORIGIN", listed), asking])
    #expect(try bench.log().contains("route=options status=204"))
  }
}
