// Which request is which.

import Gateway
import Testing

@testable import Sessions

@Suite struct `Routes` {
  @Test(arguments: [
    ("POST", "/api/sessions", Route.create), ("GET", "/api/sessions", .list),
    ("HEAD", "/api/sessions", .list), ("GET", "/api/sessions?page=1", .list),
    ("GET", "/api/sessions?a?b#c", .list), ("GET", "/%61pi/sessions", .list),
    ("GET", "/api/sessions/abc", .show(id: "abc")), ("HEAD", "/api/sessions/abc", .show(id: "abc")),
    ("GET", "/api/sessions/a%62c?x=/audio", .show(id: "abc")),
    ("GET", "/api/sessions/a%2541", .show(id: "a%41")),
    ("GET", "/api/sessions/..", .show(id: "..")), ("GET", "/api/sessions/+", .show(id: "+")),
    ("DELETE", "/api/sessions/abc", .delete(id: "abc")),
    ("GET", "/api/sessions/abc/audio", .play(id: "abc")),
    ("HEAD", "/api/sessions/abc/audio", .play(id: "abc")),
    ("OPTIONS", "/api/sessions", .options(allow: "GET, HEAD, OPTIONS, POST")),
    ("OPTIONS", "/api/sessions/abc", .options(allow: "DELETE, GET, HEAD, OPTIONS")),
    ("OPTIONS", "/api/sessions/abc/audio", .options(allow: "GET, HEAD, OPTIONS")),
  ])
  func `a method and a path are a route`(method: String, path: String, route: Route) throws {
    #expect(try Route(request(method, path)) == route)
  }

  @Test(arguments: [
    "", "/", "*", "/api", "/api/", "/api/sessions/", "/api/sessions//", "//api/sessions",
    "/api/sessions//audio", "/api/sessionsabc", "/api/Sessions", "/api/sessions/abc/",
    "/api/sessions/abc/audio/", "/api/sessions/abc/Audio", "/api/sessions/abc/video",
    "/api/sessions/abc/audio/x", "/api/sessions/a%2Fb", "/api/sessions%2F", "/api/sessions%2Fa%2F",
    "/api/sessions/%00", "/api/sessions/a%00", "/api/sessions/a%0A", "/api/sessions/%7F",
    "/api/sessions/%", "/api/sessions/%4", "/api/sessions/%zz", "/api/sessions/%FF",
    "/api/sessions/%C3", "/api/../api/sessions", "/api/sessions%3Fpage=1", "api/sessions",
  ])
  func `any other path is not found, whatever the method`(path: String) {
    for method in ["GET", "POST", "DELETE", "OPTIONS", "BREW"] {
      #expect(throws: Refusal.notFound) { try Route(request(method, path)) }
    }
  }

  @Test(
    arguments: [
      ("/api/sessions", "GET, HEAD, OPTIONS, POST", ["PUT", "PATCH", "DELETE"]),
      ("/api/sessions/abc", "DELETE, GET, HEAD, OPTIONS", ["PUT", "PATCH", "POST"]),
      ("/api/sessions/abc/audio", "GET, HEAD, OPTIONS", ["PUT", "POST", "DELETE"]),
    ])
  func `any other method is told which ones there are`(
    path: String, allow: String, methods: [String]
  ) {
    for method in methods + ["TRACE", "CONNECT", "BREW", "", "get", "Post", "GET "] {
      #expect(throws: Refusal.methodNotAllowed(allow: allow)) { try Route(request(method, path)) }
    }
  }

  @Test func `without a URI the path is the script's name and what follows, decoded already`()
    throws
  {
    func route(_ script: String, _ path: String) -> Refusal? {
      refusal { () throws(Refusal) in
        try Route(
          variables([("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", script), ("PATH_INFO", path)]))
      }
    }
    #expect(route("/api/sessions", "") == nil)
    #expect(route("", "/api/sessions") == nil)
    #expect(route("/api", "/sessions/abc") == nil)
    #expect(route("/api/sessions", "/") == .notFound)
    #expect(route("/%61pi/sessions", "") == .notFound)
    let literal = variables([
      ("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", "/api/sessions"), ("PATH_INFO", "/a%41"),
    ])
    #expect(try Route(literal) == .show(id: "a%41"))
  }

  @Test func `the URI goes before the script's name`() throws {
    let both = variables([
      ("REQUEST_METHOD", "GET"), ("REQUEST_URI", "/api/sessions"), ("SCRIPT_NAME", "/other"),
    ])
    #expect(try Route(both) == .list)
  }

  @Test func `only creating and deleting change something`() {
    #expect(Route.create.changesSomething)
    #expect(Route.delete(id: "a").changesSomething)
    for route in [Route.list, .show(id: "a"), .play(id: "a"), .options(allow: "")] {
      #expect(!route.changesSomething)
    }
  }

  private func request(_ method: String, _ uri: String) -> MetaVariables {
    variables([("REQUEST_METHOD", method), ("REQUEST_URI", uri)])
  }
}
