;; Sends the form by GNU Emacs' url and mm-url: the client's name (one there is), the URL and the
;; file.

(require 'mm-url)
(require 'url)
(let* ((url (nth 1 command-line-args-left))
       (file (nth 2 command-line-args-left))
       (content (with-temp-buffer
                  (set-buffer-multibyte nil)
                  (insert-file-contents-literally file)
                  (buffer-string)))
       (boundary (mml-compute-boundary '()))
       (topic (encode-coding-string "one\ntwo é" 'utf-8))
       (url-request-method "POST")
       (url-request-extra-headers
        `(("Content-Type" . ,(concat "multipart/form-data; boundary=" boundary))))
       (url-request-data
        (mm-url-encode-multipart-form-data
         `(("duration" . "12") ("topic" . ,topic) ("language" . "pt_BR")
           ("file" . (("name" . "audio") ("filename" . "recording.webm")
                      ("content-type" . "audio/webm;codecs=opus") ("filedata" . ,content))))
         boundary)))
  (url-retrieve-synchronously url)
  (princ (format "%s\n" emacs-version)))
