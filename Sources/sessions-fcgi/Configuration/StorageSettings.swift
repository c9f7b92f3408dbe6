// Reading the settings that say where the storage is, with the mistakes that are made in them.

internal import HTTPClient
internal import R2

extension Configuration.Reader {
  /// The address of the storage: `R2_ENDPOINT`, else Cloudflare's for `R2_ACCOUNT_ID` and
  /// `R2_JURISDICTION`.
  mutating func endpoint(of bucket: BucketName?) -> Endpoint? {
    let jurisdiction: Jurisdiction? = choice("R2_JURISDICTION")
    if let url = self["R2_ENDPOINT"] {
      guard let endpoint = endpoint("R2_ENDPOINT", url) else { return nil }
      if let mistake = endpoint.mistake(bucket, jurisdiction) {
        addProblem("R2_ENDPOINT \(mistake)")
      }
      return endpoint
    }
    guard let account = required("R2_ACCOUNT_ID", or: "R2_ENDPOINT") else { return nil }
    let endpoint = Endpoint(accountID: account, jurisdiction: jurisdiction)
    if endpoint == nil {
      addProblem("R2_ACCOUNT_ID is no account's id, which is 32 hexadecimal digits and no address")
    }
    return endpoint
  }

  /// An address at which TLS is spoken.
  mutating func endpoint(_ name: String, _ url: String) -> Endpoint? {
    if let endpoint = Endpoint(url) { return endpoint }
    let lowercased = url.lowercased()
    if lowercased.hasPrefix("http://") {
      addProblem(
        "\(name) must begin with https://: TLS is not optional, and R2_CA_FILE adds a private CA")
    } else if !lowercased.hasPrefix("https://") {
      addProblem("\(name) must begin with https://")
    } else {
      addProblem("\(name) is malformed: it must be https://<host>[:<port>][/<path>]")
    }
    return nil
  }
}

extension Endpoint {
  /// Why this cannot be the address of a store that has `bucket`, as what follows the setting's
  /// name; nil if nothing is known against it.
  ///
  /// Dashboards show addresses with the bucket in them. They would seem to work, but every object
  /// would lie where nobody else looks for it.
  fileprivate func mistake(_ bucket: BucketName?, _ jurisdiction: Jurisdiction?) -> String? {
    let name = host.lowercased()
    if let bucket {
      if basePath.split(separator: "/").last == bucket.text[...] {
        return "ends in the bucket's name: leave it out, R2_BUCKET_NAME says it"
      }
      if name.hasPrefix("\(bucket.text.lowercased()).") && takesBucketsInHost {
        return "begins with the bucket's name: leave it out, R2_BUCKET_NAME says it"
      }
    }
    if name.hasSuffix(".r2.dev") {
      return "is an address of r2.dev, which is for public reading: set R2_ACCOUNT_ID instead"
    }
    guard let labels = r2Labels else { return nil }
    if !basePath.isEmpty { return "has a path, and R2's addresses have no path" }
    if let jurisdiction, labels.last != jurisdiction.rawValue[...] {
      return "is not in R2_JURISDICTION: leave out one of the two"
    }
    return nil
  }

  /// Whether a label before the store's own name is a bucket.
  private var takesBucketsInHost: Bool {
    guard let labels = r2Labels else { return host.lowercased().hasSuffix(".amazonaws.com") }
    let jurisdictions = labels.dropFirst().filter { Jurisdiction(rawValue: String($0)) != nil }
    return labels.count - jurisdictions.count > 1
  }
}
