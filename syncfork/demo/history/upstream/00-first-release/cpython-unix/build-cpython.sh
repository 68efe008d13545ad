#!/usr/bin/env bash
# Build Python itself and lay out what goes into the archive below ${ROOT}/out/python.

set -ex

export ROOT=`pwd`

export PATH=${TOOLS_PATH}/${TOOLCHAIN}/bin:${TOOLS_PATH}/host/bin:${TOOLS_PATH}/deps/bin:$PATH
export PKG_CONFIG_PATH=${TOOLS_PATH}/deps/lib/pkgconfig

# The linker prefers a shared library where it finds one. Everything but Tcl/Tk
# is meant to be linked statically, so take the choice away.
find ${TOOLS_PATH}/deps -name '*.so*' -a \! \( -name 'libtcl*.so*' -or -name 'libtk*.so*' \) -exec rm {} \;

tar -xf Python-${PYTHON_VERSION}.tar.xz

cat Setup.local
mv Setup.local Python-${PYTHON_VERSION}/Modules/Setup.local

pushd Python-${PYTHON_VERSION}

CONFIGURE_FLAGS="--build=${BUILD_TRIPLE} --host=${TARGET_TRIPLE} --prefix=/install --with-openssl=${TOOLS_PATH}/deps"

if [[ "${BUILD_OPTIONS}" == *freethreaded* ]]; then
    CONFIGURE_FLAGS="${CONFIGURE_FLAGS} --disable-gil"
fi

./configure ${CONFIGURE_FLAGS}

make -j ${NUM_CPUS}
make -j ${NUM_CPUS} install DESTDIR=${ROOT}/out/python

mkdir -p ${ROOT}/out/python/build/Modules

# config.c defines which modules are built in. It travels with the archive, so
# that others can link an interpreter with a different choice.
cp -av Modules/config.c ${ROOT}/out/python/build/Modules/
cp -av Modules/Setup* ${ROOT}/out/python/build/Modules/

mkdir ${ROOT}/out/python/licenses
cp ${ROOT}/LICENSE.*.txt ${ROOT}/out/python/licenses/
