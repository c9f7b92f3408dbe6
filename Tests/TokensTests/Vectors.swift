// Requests whose tokens are made by another library: Vectors/generate.py.

import FoundationEssentials
import OpenSSL
import Testing

@testable import Tokens

/// A request, and the user or the cause that is to come of it.
struct TokenVector: Decodable, Sendable, CustomTestStringConvertible {
  let name: String
  let cookies, authorization: [String]
  let https: Bool
  let now: Int
  let expected: Expected

  enum Expected: Decodable, Equatable {
    case user(TokenUser)
    case cause(String)

    init(from decoder: any Decoder) throws {
      if let cause = try? decoder.singleValueContainer().decode(String.self) {
        self = .cause(cause)
      } else {
        let user = try User(from: decoder)
        self = .user(TokenUser(id: user.id, email: user.email, encodedName: user.name))
      }
    }

    private struct User: Decodable {
      let id: String
      let email, name: String?
    }
  }

  var testDescription: String { name }

  var credentials: Authorization.Credentials {
    .init(
      cookies: cookies.map { Array($0.utf8) }, authorization: authorization.map { Array($0.utf8) },
      isHTTPS: https)
  }
}

/// All of them, and what the site of theirs has for settings.
struct TokenVectors: Decodable {
  let secrets: [String]
  let bearerSecret, issuer, audience, keySet: String
  let cases: [TokenVector]

  static func read() throws -> TokenVectors {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Vectors/tokens.json")
    return try JSONDecoder().decode(TokenVectors.self, from: Data(contentsOf: file))
  }

  var sessionSecrets: [SecretBytes] {
    secrets.map { SecretBytes(copying: Array($0.utf8).span) }
  }

  var authorization: Authorization {
    var authorization = Authorization(claims: .standard)
    authorization.cookies = SessionCookie.standard(secrets: sessionSecrets)
    authorization.issuer = issuer
    authorization.audience = audience
    return authorization
  }

  func keys() throws -> [TokenKey] {
    let secret = TokenKey(secret: SecretBytes(copying: Array(bearerSecret.utf8).span))
    return [secret] + (try KeySet(json: Array(keySet.utf8)).keys)
  }

  func named(_ name: String) throws -> TokenVector {
    try #require(cases.first { $0.name == name })
  }
}

extension ClaimNames {
  static let standard = ClaimNames(user: "externalId", email: "email", name: "name")
}

extension Authorization {
  /// The user, or the cause's word.
  func outcome(_ vector: TokenVector, keys: [TokenKey]) -> TokenVector.Expected {
    do throws(TokenError) {
      return .user(try user(vector.credentials, keys: keys, now: vector.now))
    } catch {
      return .cause(error.description)
    }
  }
}
