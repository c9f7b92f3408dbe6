// Who is asking, as the web server says.

internal import Gateway
internal import HTTPSyntax

/// The user that the web server has authenticated.
package struct Identity: Sendable {
  /// The app's `externalId`.
  package let externalID: String
  package let email: String?
  package let displayName: String?

  /// - Throws: `.unauthorized` when there is no name, an empty one, several, one that is not
  ///   UTF-8, has control characters or more than 255 bytes.
  init(_ variables: MetaVariables) throws(Refusal) {
    guard let externalID = Identity.only(variables.remoteUser) else { throw .unauthorized }
    self.externalID = externalID
    email = Identity.only(variables.remoteEmail)
    displayName = Identity.only(
      variables.isRemoteNamePercentEncoded
        ? variables.remoteName.map { percentDecoded($0[...]) ?? [] } : variables.remoteName)
  }

  private static func only(_ values: [[UInt8]]) -> String? {
    guard values.count == 1, !values[0].isEmpty, values[0].count <= 255 else { return nil }
    return PlainText.parse(values[0])
  }
}
