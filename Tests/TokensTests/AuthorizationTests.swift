// Who a request is from.

import OpenSSL
import Testing

@testable import Tokens

@Suite struct `Who a request is from` {
  private let vectors: TokenVectors
  private let keys: [TokenKey]

  init() throws {
    vectors = try TokenVectors.read()
    keys = try vectors.keys()
  }

  @Test func `each vector gives its user or its cause`() {
    let authorization = vectors.authorization
    for vector in vectors.cases {
      #expect(authorization.outcome(vector, keys: keys) == vector.expected, "\(vector.name)")
    }
    #expect(vectors.cases.count > 150)
  }

  @Test func `what is too long is not looked at`() {
    let many = [UInt8](repeating: UInt8(ascii: "x"), count: 65_537)
    let cookie = Array("authjs.session-token=".utf8)
    for (cookies, authorization) in [
      ([many], []), ([cookie + many.prefix(32_769)], []),
      ([], [Array("Bearer ".utf8) + many.prefix(32_769)]),
    ] as [([[UInt8]], [[UInt8]])] {
      let credentials = Authorization.Credentials(
        cookies: cookies, authorization: authorization, isHTTPS: false)
      #expect(throws: TokenError.tooLong) {
        try vectors.authorization.user(credentials, keys: keys, now: 0)
      }
    }
  }

  @Test func `bearer tokens and sessions are taken only where they are configured`() throws {
    let bearer = try vectors.named("bearer: RS256")
    #expect(vectors.authorization.outcome(bearer, keys: []) == .cause("no_credentials"))
    var without = vectors.authorization
    without.cookies = []
    let session = try vectors.named("over HTTPS")
    #expect(without.outcome(session, keys: keys) == .cause("no_credentials"))
    #expect(without.outcome(bearer, keys: keys) == bearer.expected)
  }

  @Test func `a cookie that the site has named counts over HTTPS, and alone`() throws {
    var authorization = vectors.authorization
    let secrets = vectors.sessionSecrets
    for (name, vector) in [
      ("authjs.session-token", "over HTTPS without a prefix"),
      ("next-auth.session-token", "v4, next-auth.session-token"),
    ] {
      authorization.cookies = [try #require(SessionCookie.named(name, secrets: secrets))]
      let outcome = authorization.outcome(try vectors.named(vector), keys: [])
      #expect(outcome == (try vectors.named("over HTTPS")).expected)
    }
    let other = authorization.outcome(try vectors.named("over HTTPS"), keys: [])
    #expect(other == .cause("no_credentials"))
    for name in ["", "a b", "a;b", "a=b", "é"] {
      #expect(SessionCookie.named(name, secrets: secrets) == nil)
    }
  }

  @Test func `sub names the user only where the site says so`() throws {
    var authorization = Authorization(
      claims: ClaimNames(user: "sub", email: "externalId", name: "email"))
    authorization.cookies = vectors.authorization.cookies
    let outcome = authorization.outcome(try vectors.named("v5, authjs.session-token"), keys: [])
    #expect(
      outcome
        == .user(
          TokenUser(id: "internal-7", email: "auth0|7", encodedName: "a%40example.com")))
  }

  @Test func `an audience is compared byte by byte`() throws {
    var authorization = vectors.authorization
    let vector = try vectors.named("bearer: an audience with an accent")
    authorization.audience = "e\u{301}"
    #expect(authorization.outcome(vector, keys: keys) == .cause("wrong_audience"))
    authorization.audience = "\u{e9}"
    #expect(authorization.outcome(vector, keys: keys) != .cause("wrong_audience"))
  }

  @Test func `a secret that is gone opens nothing any more`() throws {
    var authorization = vectors.authorization
    let newest = Array(vectors.sessionSecrets.prefix(1))
    authorization.cookies = SessionCookie.standard(secrets: newest)
    let outcome = authorization.outcome(try vectors.named("old secret"), keys: [])
    #expect(outcome == .cause("not_authentic"))
  }

  @Test func `each byte of a session counts`() throws {
    let authorization = vectors.authorization
    for name in ["v5, authjs.session-token", "v4, next-auth.session-token"] {
      let vector = try vectors.named(name)
      let header = Array(try #require(vector.cookies.first).utf8)
      let start = try #require(header.firstIndex(of: UInt8(ascii: "="))) + 1
      for index in stride(from: start, to: header.count, by: 7) {
        var other = header
        other[index] = other[index] == UInt8(ascii: "A") ? UInt8(ascii: "E") : UInt8(ascii: "A")
        for sent in [other, Array(header[..<index])] {
          let credentials = Authorization.Credentials(
            cookies: [sent], authorization: [], isHTTPS: false)
          #expect(throws: TokenError.self) {
            try authorization.user(credentials, keys: [], now: vector.now)
          }
        }
      }
    }
  }
}

@Suite struct `Key sets` {
  @Test func `keys that are of no use are passed over, and told by number`() throws {
    let vectors = try TokenVectors.read()
    let set = try KeySet(json: Array(vectors.keySet.utf8))
    #expect(set.keys.map(\.algorithm) == ["RS256", "ES256", "EdDSA"])
    #expect(
      set.passedOver == [
        "key 4 is too weak or malformed", "key 5 is of an algorithm that is not taken",
        "key 6 is not for verifying signatures", "key 7 is a secret, which nobody may publish",
      ])
  }

  @Test(
    arguments: [
      ("", .malformed), ("[]", .malformed), (#"{"keys": {}}"#, .malformed),
      (#"{"keys": [{"kid": "x"}]}"#, .malformed), (#"{"keys": []}"#, .noUsableKey),
      (#"{"keys": [{"kty": "oct", "k": "AAAA"}]}"#, .noUsableKey),
      (#"{"keys": [{"kty": "RSA", "n": "AAAA", "e": "AQAB"}]}"#, .noUsableKey),
      (#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "="}]}"#, .noUsableKey),
    ] as [(String, KeySet.Failure)])
  func `a set without a usable key is none`(json: String, failure: KeySet.Failure) {
    #expect(throws: failure) { try KeySet(json: Array(json.utf8)) }
  }

  @Test func `a key that is marked for something else is passed over`() throws {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
    for (member, isTaken) in [
      (#""use": "sig""#, true), (#""use": "enc""#, false), (#""alg": "EdDSA""#, true),
      (#""alg": "ECDH-ES""#, false), (#""key_ops": ["verify"]"#, true),
      (#""key_ops": ["sign"]"#, false),
    ] {
      let json = #"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "\#(x)", \#(member)}]}"#
      #expect((try? KeySet(json: Array(json.utf8)).keys.count) == (isTaken ? 1 : nil), "\(member)")
    }
  }

  @Test func `more keys than would be tried are none`() {
    let key = #"{"kty": "oct"}"#
    let json = #"{"keys": ["# + Array(repeating: key, count: 17).joined(separator: ",") + "]}"
    #expect(throws: KeySet.Failure.tooManyKeys) { try KeySet(json: Array(json.utf8)) }
  }
}
