#!/usr/bin/env bash
# Unpack, configure and install OpenSSL below ${ROOT}/out, for Python to link against.

set -ex

ROOT=`pwd`

export PATH=${TOOLS_PATH}/${TOOLCHAIN}/bin:${TOOLS_PATH}/host/bin:$PATH

tar -xf openssl-${OPENSSL_3_5_VERSION}.tar.gz

pushd openssl-${OPENSSL_3_5_VERSION}

# Certificates are looked up where the system keeps them, not in our build folder.
case "${TARGET_TRIPLE}" in
    *apple*)
        EXTRA_FLAGS="--openssldir=/private/etc/ssl"
        ;;
    *)
        EXTRA_FLAGS="--openssldir=/etc/ssl"
        ;;
esac

# OpenSSL chooses the architecture by itself and stumbles over a second choice.
EXTRA_TARGET_CFLAGS=${EXTRA_TARGET_CFLAGS/\-arch arm64/}
EXTRA_TARGET_CFLAGS=${EXTRA_TARGET_CFLAGS/\-arch x86_64/}

EXTRA_FLAGS="${EXTRA_FLAGS} ${EXTRA_TARGET_CFLAGS}"

/usr/bin/perl ./Configure \
  --prefix=/tools/deps \
  --libdir=lib \
  ${OPENSSL_TARGET} \
  no-legacy \
  no-shared \
  no-tests \
  ${EXTRA_FLAGS}

make -j ${NUM_CPUS}
make -j ${NUM_CPUS} install_sw install_ssldirs DESTDIR=${ROOT}/out
