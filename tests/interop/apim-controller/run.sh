#!/bin/sh
# Starts the oracle; builds it first when need be.
#   run.sh [options]            see README.md
#   run.sh connector [options]  the official connector instead, with canned answers: the baseline of the benchmarks
#   run.sh --build-only         builds and ends
# EXCHANGE_VERSION  another published version of the exchange library (see the profiles in pom.xml)
# MAVEN_REPO        Maven's repository; the default lies inside the checkout, so that nothing outside it is touched
# ORACLE_JAVA_OPTS  more options for the JVM
set -eu

here=$(cd "$(dirname "$0")" && pwd)
version=${EXCHANGE_VERSION:-2.0.1}
repository=${MAVEN_REPO:-$(cd "$here/../../.." && pwd)/.tools/m2}
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
javac=${JAVA_HOME:+$JAVA_HOME/bin/}javac

out=$here/target/$version
stamp=$out/built

outdated() {
    [ ! -f "$stamp" ] || [ -n "$(find "$here/run.sh" "$here/pom.xml" "$here/src" -newer "$stamp" -print | head -n 1)" ]
}

maven() {
    # Offline first: it is quicker, and the network may be away.
    (cd "$here" && mvn -q -B -o "-Dmaven.repo.local=$repository" "$@" >"$out/maven.log" 2>&1) ||
        (cd "$here" && mvn -q -B "-Dmaven.repo.local=$repository" "$@" >"$out/maven.log" 2>&1) ||
        { cat "$out/maven.log" >&2; exit 1; }
}

build() {
    mkdir -p "$out"
    if [ ! -f "$out/resolved" ] || [ -n "$(find "$here/pom.xml" -newer "$out/resolved" -print)" ]; then
        rm -rf "${out:?}/lib"
        maven "-Dexchange.version=$version" "-DoutputDirectory=$out/lib" dependency:copy-dependencies
        touch "$out/resolved"
    fi
    rm -rf "$out/classes"
    mkdir -p "$out/classes"
    find "$here/src/main/java" -name '*.java' >"$out/sources.txt"
    "$javac" -nowarn --release 17 -proc:none -d "$out/classes" -cp "$out/lib/*" "@$out/sources.txt" >"$out/javac.log" 2>&1 ||
        { cat "$out/javac.log" >&2; exit 1; }
    cp "$here"/src/main/resources/* "$out/classes/"
    archive
    touch "$stamp"
}

# Starts the oracle once and keeps its loaded classes: every later start takes half of the processor time. Archives hold
# classes of jars only. Without an archive the oracle just starts slower, so a failure here is none.
archive() {
    rm -f "$out/oracle.jar" "$out/oracle.jsa"
    if "${JAVA_HOME:+$JAVA_HOME/bin/}jar" cf "$out/oracle.jar" -C "$out/classes" .; then
        "$java" -XX:+UseSerialGC -Xlog:disable "-XX:ArchiveClassesAtExit=$out/oracle.jsa" \
            -cp "$out/oracle.jar:$out/lib/*" interop.apim.Main --until-stdin-closes </dev/null \
            >"$out/archive.log" 2>&1 || rm -f "$out/oracle.jsa"
    fi
}

if outdated; then
    mkdir -p "$here/target"
    # One build at a time: several tests may start together.
    exec 9>"$here/target/build.lock"
    if command -v flock >/dev/null 2>&1; then flock 9; fi
    if outdated; then build; fi
    exec 9>&-
fi

mkdir -p "$here/target/tmp"
if [ "${1:-}" = --build-only ]; then exit 0; fi

main=interop.apim.Main
classes="$out/classes"
archived=-Xshare:auto
if [ "${1:-}" = connector ]; then
    main=interop.connector.BaselineConnector # Started as the official agent is: without an archive.
    shift
elif [ -f "$out/oracle.jsa" ]; then
    classes="$out/oracle.jar"
    archived="-XX:SharedArchiveFile=$out/oracle.jsa"
fi

# shellcheck disable=SC2086 # the options are words
exec "$java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "$archived" -Xlog:disable -XX:-UsePerfData \
    "-Djava.io.tmpdir=$here/target/tmp" ${ORACLE_JAVA_OPTS:-} -cp "$classes:$out/lib/*" "$main" "$@"
