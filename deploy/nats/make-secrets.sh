#!/bin/sh
# Makes the secrets of deploy/docker-compose.yml, once: a password for each user of the broker, the sealing key, and the
# console's password. Each service sees its own folder alone. What is there stays: remove the volumes secrets-* to make new ones
# (the sealing key too: without it stored key values cannot be read, see docs/install/compose.md).
set -eu
umask 077

random() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

passwords=/secrets/nats/passwords.conf
for service in gateway-link aws-discovery subscription-manager console; do
  name=$(echo "$service" | tr 'a-z-' 'A-Z_')
  # A newer release may bring a service that has no password yet.
  if grep -q "^${name}_PASSWORD:" "$passwords" 2> /dev/null; then continue; fi
  password=$(random | tr '+/' '-_' | tr -d '=')
  mkdir -p "/secrets/$service"
  printf '%s' "$password" > "/secrets/$service/broker-password"
  { cat "$passwords" 2> /dev/null || true; printf '%s_PASSWORD: "%s"\n' "$name" "$password"; } > "$passwords.new"
  mv "$passwords.new" "$passwords"
  echo "password of the broker's user $service made"
done
# The server sees a variable only in the file that defines it.
cat "$passwords" /users.conf > /secrets/nats/users.conf

key=/secrets/subscription-manager/sealing-key
if [ ! -s "$key" ]; then
  random > "$key.new"
  mv "$key.new" "$key"
  echo "sealing key made"
fi
login=/secrets/console/console-password
if [ ! -s "$login" ]; then
  random | tr '+/' '-_' | tr -d '=' > "$login.new"
  mv "$login.new" "$login"
  echo "password of the console's user admin made"
fi
# A new volume belongs to root; neither the broker nor a service runs as root.
chown -R 1000:1000 /secrets /data
