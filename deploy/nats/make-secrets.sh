#!/bin/sh
# Makes the secrets of deploy/docker-compose.yml, once: a password for each user of the broker and the sealing key.
# Each service sees its own folder alone. What is there stays: remove the volumes secrets-* to make new ones
# (the sealing key too: without it stored key values cannot be read, see docs/install/compose.md).
set -eu
umask 077

random() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

passwords=/secrets/nats/passwords.conf
if [ ! -s "$passwords" ]; then
  : > "$passwords.new"
  for service in gateway-link aws-discovery subscription-manager; do
    password=$(random | tr '+/' '-_' | tr -d '=')
    printf '%s' "$password" > "/secrets/$service/broker-password"
    name=$(echo "$service" | tr 'a-z-' 'A-Z_')
    printf '%s_PASSWORD: "%s"\n' "$name" "$password" >> "$passwords.new"
  done
  mv "$passwords.new" "$passwords"
  echo "passwords of the broker's users made"
fi
# The server sees a variable only in the file that defines it.
cat "$passwords" /users.conf > /secrets/nats/users.conf

key=/secrets/subscription-manager/sealing-key
if [ ! -s "$key" ]; then
  random > "$key.new"
  mv "$key.new" "$key"
  echo "sealing key made"
fi
# A new volume belongs to root; neither the broker nor a service runs as root.
chown -R 1000:1000 /secrets /data
