// Why a listing cannot be believed.

package enum ListingError: Error, Equatable, Sendable {
  /// Not well-formed XML, not a listing, or cut short.
  case malformed
  /// A DOCTYPE, a comment, CDATA, or an instruction inside the document.
  case forbiddenMarkup
  /// A name, a text, the depth or the number of objects passes its limit.
  case tooLong
  /// An element is missing, comes twice, or does not say what it should.
  case badElement
  /// A key that was not asked for: it lacks the prefix.
  case foreignKey
  /// The store gives the same page again.
  case noProgress
}

extension ListingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .malformed: "it is not well-formed"
    case .forbiddenMarkup: "it has markup that no listing needs"
    case .tooLong: "it passes a limit"
    case .badElement: "an element is missing, repeated or meaningless"
    case .foreignKey: "it has a key that was not asked for"
    case .noProgress: "it comes again and again"
    }
  }
}
