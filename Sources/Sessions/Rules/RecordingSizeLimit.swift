// How large a recording may be.

/// The limit on the recording alone, without what the form adds. nginx has a larger one for the
/// whole body (nginx/uploads.conf), so that it is always this one that decides.
enum RecordingSizeLimit {
  /// 50 MiB.
  static let maxBytes = 52_428_800
}
