/** Who the OpenID provider says that somebody is. Pure. */
export interface Claims {
  readonly sub: string;
  readonly [name: string]: unknown;
}

/** The names of the claims that are read. */
interface ClaimNames {
  readonly userClaim: string;
  readonly rolesClaim?: string | undefined;
}

const longestName = 256;

/**
 * The user's name: the claim that the configuration names, or `sub` when the claim is missing, empty or too long. An
 * address that the provider has not verified is no name: people can choose it.
 */
export function nameOf(claims: Claims, { userClaim }: Pick<ClaimNames, 'userClaim'>): string {
  const value = userClaim === 'email' && claims['email_verified'] === false ? undefined : claims[userClaim];
  const name = typeof value === 'string' ? value.trim() : '';
  return name === '' || name.length > longestName ? claims.sub : name;
}

/** The roles in the claim that the configuration names: a list, or one text. */
export function rolesOf(claims: Claims, { rolesClaim }: Pick<ClaimNames, 'rolesClaim'>): readonly string[] {
  const value = rolesClaim === undefined ? undefined : claimAt(claims, rolesClaim);
  return [value].flat().filter((role) => typeof role === 'string');
}

/** Whether every claim that the configuration names is there. */
export function areComplete(claims: Claims, { userClaim, rolesClaim }: ClaimNames): boolean {
  return [userClaim, rolesClaim].every((name) => name === undefined || claimAt(claims, name) !== undefined);
}

/** A name with dots may be the name of a claim, such as `https://example.com/roles`, or a way into an object. */
function claimAt(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name
    .split('.')
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null && Object.hasOwn(value, part)
          ? Reflect.get(value, part)
          : undefined,
      claims,
    );
}
