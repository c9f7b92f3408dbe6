// Preloaded in the bundle: hosts, users and groups are looked up by what is built into its own
// glibc, whatever /etc/nsswitch.conf says. The modules named there belong to the system's glibc,
// and would be loaded into this one.

#include <nss.h>

__attribute__((constructor)) static void use_what_is_built_in(void) {
  __nss_configure_lookup("hosts", "files dns");
  __nss_configure_lookup("passwd", "files");
  __nss_configure_lookup("group", "files");
  __nss_configure_lookup("initgroups", "files");
}
