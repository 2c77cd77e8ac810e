#!/usr/bin/env bash
# Makes the certificates and stores of the TLS tests, with the tools that users make theirs with: keytool and openssl.
# Needs JDK 17 or newer and OpenSSL 3. Run it only to add something: every run makes new keys.
#
#   scripts/make-tls-fixtures.sh [FOLDER]
set -euo pipefail

here=$(cd "$(dirname "$0")/.." && pwd)
out=${1:-$here/libs/net/test/fixtures}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"
rm -f "$out"/*
cd "$work"

days=36500 # Nobody must renew a fixture.
password=changeit
# The defaults of Java 8: RC2-40 around the certificates, 3DES around the key, SHA-1 for the integrity.
java8='-J-Dkeystore.pkcs12.legacy'

say() { echo "$*" >&2; }
kt() { keytool "$@" >>keytool.log 2>&1 || { cat keytool.log >&2; exit 1; }; }

# authority NAME KEYSPEC: a self-signed authority.
authority() {
  # shellcheck disable=SC2086 # KEYSPEC is words
  openssl req -x509 -newkey $2 -nodes -keyout "$1.key" -out "$1.crt" -days $days -subj "/CN=$1" \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
}

# certificate NAME ISSUER EXTENSIONS...: a key and a certificate of that issuer.
certificate() {
  local name=$1 issuer=$2
  shift 2
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$name.key" -out "$name.csr" \
    -subj "/CN=$name" 2>/dev/null
  openssl x509 -req -in "$name.csr" -CA "$issuer.crt" -CAkey "$issuer.key" -CAcreateserial -days $days \
    -extfile <(printf '%s\n' "$@") -out "$name.crt" 2>/dev/null
}

say 'certificates'
authority private-ca 'ec -pkeyopt ec_paramgen_curve:prime256v1'
authority other-ca rsa:2048
certificate intermediate private-ca basicConstraints=critical,CA:TRUE keyUsage=keyCertSign
here_names='subjectAltName=DNS:localhost,DNS:apim.test,IP:127.0.0.1'
certificate server private-ca "$here_names"
certificate server-of-intermediate intermediate "$here_names"
certificate wrong-host private-ca subjectAltName=DNS:apim.example.com
certificate client intermediate extendedKeyUsage=clientAuth
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout self-signed.key -out self-signed.crt \
  -days $days -subj /CN=self-signed -addext "$here_names" 2>/dev/null

# openssl 3.0 cannot make a certificate of the past; keytool can.
openssl pkcs12 -export -name ca -in private-ca.crt -inkey private-ca.key -out ca.p12 -passout pass:$password
kt -genkeypair -keystore ca.p12 -storepass $password -alias expired -signer ca -keyalg EC -groupname secp256r1 \
  -dname CN=expired -startdate 2001/01/01 -validity 1 -ext san=dns:localhost,ip:127.0.0.1
kt -exportcert -keystore ca.p12 -storepass $password -alias expired -file expired.der
openssl x509 -inform der -in expired.der -out expired.crt
kt -importkeystore -srckeystore ca.p12 -srcstorepass $password -srcalias expired -destkeystore expired.p12 \
  -deststoretype PKCS12 -deststorepass $password
openssl pkcs12 -in expired.p12 -passin pass:$password -nocerts -nodes 2>/dev/null | openssl pkey -out expired.key

for name in server wrong-host expired self-signed; do cat "$name.key" "$name.crt" >"$out/$name.pem"; done
cat server-of-intermediate.key server-of-intermediate.crt intermediate.crt >"$out/server-of-intermediate.pem"
openssl pkcs12 -export -name server -in server.crt -inkey server.key -passout pass:$password -out "$out/server.p12"
cp private-ca.crt "$out/private-ca.pem"
cp server.crt "$out/server-certificate.pem"
cp intermediate.crt "$out/intermediate.pem"
openssl x509 -in private-ca.crt -outform der -out "$out/private-ca.der"

say 'truststores'
# trusts FILE TYPE [OPTIONS]: two authorities, each with its alias.
trusts() {
  local file=$1 type=$2
  shift 2
  for alias in private-ca other-ca; do
    kt -importcert -noprompt -keystore "$out/$file" -storetype "$type" -storepass "${storepass:-$password}" \
      -alias $alias -file $alias.crt "$@"
  done
}
trusts truststore-java17.p12 PKCS12
trusts truststore-java8.p12 PKCS12 $java8
trusts truststore-without-password.p12 PKCS12 -J-Dkeystore.pkcs12.certProtectionAlgorithm=NONE \
  -J-Dkeystore.pkcs12.macAlgorithm=NONE
trusts truststore.jks JKS
trusts truststore.jceks JCEKS
# Java 17 takes only ASCII passwords for its own PKCS12; for JKS it takes any, as openssl does.
(export LC_ALL=C.UTF-8; storepass=pässwörd trusts truststore-unicode.jks JKS)
cat private-ca.crt other-ca.crt >"$out/truststore.pem"
openssl pkcs12 -export -nokeys -in "$out/truststore.pem" -passout pass:$password -out "$out/truststore-openssl.p12"
openssl pkcs12 -export -nokeys -legacy -in "$out/truststore.pem" -passout pass:$password \
  -out "$out/truststore-openssl-legacy.p12"
LC_ALL=C.UTF-8 openssl pkcs12 -export -nokeys -in "$out/truststore.pem" -passout pass:pässwörd \
  -out "$out/truststore-unicode.p12"
for type in PKCS12 JKS; do
  file=$out/empty.$([ $type = PKCS12 ] && echo p12 || echo jks)
  kt -importcert -noprompt -keystore "$file" -storetype $type -storepass $password -alias a -file private-ca.crt
  kt -delete -keystore "$file" -storetype $type -storepass $password -alias a
done

say 'keystores'
cat client.crt intermediate.crt >chain.crt
openssl pkcs12 -export -name client -in client.crt -inkey client.key -certfile intermediate.crt \
  -passout pass:$password -out "$out/keystore-openssl.p12"
openssl pkcs12 -export -legacy -name client -in client.crt -inkey client.key -certfile intermediate.crt \
  -passout pass:$password -out "$out/keystore-openssl-legacy.p12"
# keys FILE TYPE [OPTIONS]: the client's key with its chain.
keys() {
  local file=$1 type=$2
  shift 2
  kt -importkeystore -noprompt -srckeystore "$out/keystore-openssl.p12" -srcstorepass $password \
    -destkeystore "$out/$file" -deststoretype "$type" -deststorepass $password "$@"
}
keys keystore-java17.p12 PKCS12
keys keystore-java8.p12 PKCS12 $java8
keys keystore.jks JKS
kt -genkeypair -keystore "$out/keystore-two-keys.p12" -storetype PKCS12 -storepass $password -alias another -keyalg EC \
  -groupname secp256r1 -dname CN=another -validity $days
keys keystore-two-keys.p12 PKCS12
cat client.key chain.crt >"$out/keystore.pem"
openssl pkey -in client.key -aes256 -passout pass:$password -out encrypted.key
cat encrypted.key chain.crt >"$out/keystore-encrypted.pem"

chmod 644 "$out"/*
