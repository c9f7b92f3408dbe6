// Reading an upload's body through the parser into the form.

internal import Gateway
internal import Multipart
internal import SystemPackage

extension SessionService {
  /// Reads the whole form and judges it.
  func read(
    _ request: inout some Request & ~Copyable, _ record: inout RequestRecord
  ) throws(RequestFailure) -> Upload {
    let variables = request.variables
    guard variables.contentEncoding.allSatisfy(isIdentity) else {
      throw RequestFailure(.unsupportedContentEncoding)
    }
    var parser = MultipartParser(
      boundary: try boundary(of: variables.contentType), limits: UploadForm.limits)
    var form = UploadForm(files: files)
    let start = ContinuousClock.now
    defer { record.parsing = start.duration(to: .now) }
    while try receiveBody(of: &request) {
      do throws(MultipartFailure<UploadForm.Failure>) {
        try request.withBody { (bytes) throws(MultipartFailure<UploadForm.Failure>) in
          record.bytesReceived += bytes.count
          try parser.parse(bytes, into: &form)
        }
      } catch {
        throw RequestFailure(error)
      }
      guard settings.pace.allows(record.bytesReceived, in: start.duration(to: .now)) else {
        throw RequestFailure(.requestTimeout, cause: "the client sends too slowly")
      }
    }
    // A body that is cut off at a record's end looks complete to FastCGI.
    if let announced = variables.announcedLength, announced != record.bytesReceived {
      throw RequestFailure(.truncatedBody)
    }
    guard record.bytesReceived > 0 else {
      throw RequestFailure(.invalidMultipart("the body is empty"))
    }
    do throws(MultipartFailure<UploadForm.Failure>) {
      try parser.finish(into: &form)
    } catch {
      throw RequestFailure(error)
    }
    do {
      return try form.finish()
    } catch {
      throw RequestFailure(error)
    }
  }

  private func receiveBody(
    of request: inout some Request & ~Copyable
  ) throws(RequestFailure) -> Bool {
    do { return try request.receiveBody() } catch { throw RequestFailure(error) }
  }

  /// Whether a Content-Encoding leaves the body as it is.
  private func isIdentity(_ coding: [UInt8]) -> Bool {
    coding.isEmpty || String(decoding: coding, as: UTF8.self).lowercased() == "identity"
  }

  private func boundary(of contentType: [UInt8]) throws(RequestFailure) -> Boundary {
    do {
      return try Boundary(contentType: contentType.span)
    } catch {
      throw error == .notMultipartFormData
        ? RequestFailure(.unsupportedMediaType)
        : RequestFailure(.invalidMultipart(error.description))
    }
  }
}

extension RequestFailure {
  fileprivate init(_ error: MultipartFailure<UploadForm.Failure>) {
    switch error {
    case .malformed(.missingFinalBoundary): self.init(.truncatedBody)
    case .malformed(let error): self.init(.invalidMultipart(error.description))
    case .handler(.tooLarge): self.init(.fileTooLarge)
    case .handler(.temporaryFile(let error)):
      switch error {
      // A quota, a full disk and a limit on a file's size all mean that there is no room.
      case .noSpace, .diskQuotaExceeded, .fileTooLarge:
        self.init(.insufficientStorage, cause: "temporary file: \(error)")
      case .tooManyOpenFiles, .tooManyOpenFilesInSystem:
        self.init(.overloaded, cause: "temporary file: \(error)")
      default:
        self.init(.internalError, cause: "temporary file: \(error)")
      }
    }
  }
}
