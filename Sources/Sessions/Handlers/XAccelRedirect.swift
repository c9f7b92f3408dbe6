// GET and HEAD /api/sessions/:id/audio where the web server fetches the recording itself.

internal import Gateway
internal import R2
internal import R2Sign

extension SessionService {
  /// How long the address is good for: the web server uses it at once.
  private static let addressLifetime: Duration = .seconds(60)

  /// The response that makes nginx fetch the recording from storage and send it as the response.
  ///
  /// The address stands in a header of its own, and the redirect leads to a location that reads it
  /// there: nginx decodes the path of a redirect, and the signature would not fit any more. Who
  /// has the address needs no other right, so it must reach neither client nor log.
  func redirect(to key: ObjectKey, _ record: RequestRecord) throws(RequestFailure) -> Response {
    let address: String
    do throws(R2SignError) {
      address = try recordings.presignedURL(
        record.isHead ? .head : .get, key, expiry: SessionService.addressLifetime)
    } catch {
      throw RequestFailure(
        .internalError, cause: "the address of a recording cannot be made: \(error)")
    }
    var response = Response(status: 200)
    response.headers = [
      ("X-Accel-Redirect", "@sessions_recording"), ("X-Sessions-Recording", address),
    ]
    return response
  }
}
