// The headers of OpenSSL that we use, and wrappers for what Swift cannot import: its macros.
#ifndef COPENSSL_SHIM_H
#define COPENSSL_SHIM_H

#include <errno.h>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

/// SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION): a macro over SSL_CTX_ctrl.
static inline int copenssl_require_tls12(SSL_CTX *context) {
  return (int)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}

/// SSL_set_tlsext_host_name(connection, name): a macro over SSL_ctrl with a cast.
static inline int copenssl_set_server_name(SSL *connection, const char *name) {
  return (int)SSL_set_tlsext_host_name(connection, name);
}

/// sk_X509_OBJECT_num: made by a macro, one inline function per type of stack.
static inline int copenssl_authority_count(SSL_CTX *context) {
  return sk_X509_OBJECT_num(X509_STORE_get0_objects(SSL_CTX_get_cert_store(context)));
}

/// Starts a HMAC of the digest named `digest`; OSSL_PARAM arrays are built in place, which Swift
/// cannot do with borrowed strings.
static inline int copenssl_hmac_init(
    EVP_MAC_CTX *context, const char *digest, const unsigned char *key, size_t key_length) {
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)digest, 0),
      OSSL_PARAM_construct_end(),
  };
  return EVP_MAC_init(context, key, key_length, parameters);
}

/// HKDF (RFC 5869) with SHA-256, its parameters built in place as above. 1 when it is done.
static inline int copenssl_hkdf_sha256(
    EVP_KDF_CTX *context, const unsigned char *secret, size_t secret_length,
    const unsigned char *salt, size_t salt_length, const unsigned char *info, size_t info_length,
    unsigned char *output, size_t length) {
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char *)"SHA256", 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)secret, secret_length),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, (void *)salt, salt_length),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)info, info_length),
      OSSL_PARAM_construct_end(),
  };
  return EVP_KDF_derive(context, output, length, parameters);
}

/// A public key of the algorithm `name` from `parameters`; NULL when they make none.
static inline EVP_PKEY *copenssl_public_key(const char *name, OSSL_PARAM *parameters) {
  EVP_PKEY *key = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, name, NULL);
  if (context != NULL && EVP_PKEY_fromdata_init(context) == 1)
    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
  EVP_PKEY_CTX_free(context);
  return key;
}

/// An RSA key. Its numbers come in big endian, and OSSL_PARAM wants them as the machine has them.
static inline EVP_PKEY *copenssl_rsa_key(const BIGNUM *modulus, const BIGNUM *exponent) {
  unsigned char n[2048], e[8];
  if (BN_bn2nativepad(modulus, n, sizeof n) < 0 || BN_bn2nativepad(exponent, e, sizeof e) < 0)
    return NULL;
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, n, sizeof n),
      OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, e, sizeof e),
      OSSL_PARAM_construct_end(),
  };
  return copenssl_public_key("RSA", parameters);
}

/// A key on P-256 from its point: 4, x, y (SEC 1, section 2.3.3). NULL when it is on no curve.
static inline EVP_PKEY *copenssl_p256_key(const unsigned char *point, size_t length) {
  OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)"P-256", 0),
      OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, (void *)point, length),
      OSSL_PARAM_construct_end(),
  };
  return copenssl_public_key("EC", parameters);
}

/// OpenSSL's own socket BIO writes with write(2), so that a peer that has gone raises SIGPIPE and
/// kills a process that does not ignore it. This one sends with MSG_NOSIGNAL.
static inline int copenssl_socket_write(BIO *socket, const char *bytes, int count) {
  int descriptor = -1;
  BIO_get_fd(socket, &descriptor);
  errno = 0;
  int sent = (int)send(descriptor, bytes, (size_t)count, MSG_NOSIGNAL);
  BIO_clear_retry_flags(socket);
  if (sent <= 0 && BIO_sock_should_retry(sent)) BIO_set_retry_write(socket);
  return sent;
}

/// OpenSSL's socket BIO with `copenssl_socket_write` in it. NULL when there is no memory.
static inline BIO_METHOD *copenssl_socket_method(void) {
  const BIO_METHOD *original = BIO_s_socket();
  BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOCKET, "socket without SIGPIPE");
  if (method == NULL) return NULL;
  BIO_meth_set_write(method, copenssl_socket_write);
  BIO_meth_set_read(method, BIO_meth_get_read(original));
  BIO_meth_set_puts(method, BIO_meth_get_puts(original));
  BIO_meth_set_ctrl(method, BIO_meth_get_ctrl(original));
  BIO_meth_set_create(method, BIO_meth_get_create(original));
  BIO_meth_set_destroy(method, BIO_meth_get_destroy(original));
  return method;
}

/// Gives `connection` a BIO of `method` over `descriptor`, which stays the caller's to close.
/// BIO_set_fd is a macro over BIO_ctrl. 0 when there is no memory.
static inline int copenssl_set_socket(SSL *connection, const BIO_METHOD *method, int descriptor) {
  BIO *socket = BIO_new(method);
  if (socket == NULL) return 0;
  BIO_set_fd(socket, descriptor, BIO_NOCLOSE);
  SSL_set_bio(connection, socket, socket);
  return 1;
}

#endif
