"""Every kind of lock file: a new one is its module, and a line here."""

from __future__ import annotations

from collections.abc import Mapping

from syncfork.detect.lock_base import Kind
from syncfork.detect.lock_bundler import BUNDLER
from syncfork.detect.lock_cargo import CARGO
from syncfork.detect.lock_composer import COMPOSER
from syncfork.detect.lock_go import SUMS, VENDORED, WORKSPACE
from syncfork.detect.lock_npm import NPM
from syncfork.detect.lock_pnpm import PNPM
from syncfork.detect.lock_poetry import POETRY
from syncfork.detect.lock_uv import UV
from syncfork.detect.lock_yarn import YARN

# Of a manifest in several the first one counts whose file is there.
KINDS = (VENDORED, WORKSPACE, SUMS, NPM, YARN, PNPM, CARGO, UV, POETRY, BUNDLER, COMPOSER)
BY_MANIFEST: Mapping[str, tuple[Kind, ...]] = {
    name: tuple(kind for kind in KINDS if kind.manifest == name) for name in {kind.manifest for kind in KINDS}
}
