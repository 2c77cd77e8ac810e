/** Where the OpenID provider of the tests keeps what it has given out: in memory. */
interface Payload {
  readonly uid?: string;
  readonly grantId?: string;
  consumed?: number;
}

/** One for each model, such as `Session`; each model has ids of its own. */
export class ProviderAdapter {
  readonly #all = new Map<string, Payload>();

  async upsert(id: string, payload: Payload): Promise<void> {
    await Promise.resolve(this.#all.set(id, payload));
  }

  async find(id: string): Promise<Payload | undefined> {
    return await Promise.resolve(this.#all.get(id));
  }

  async findByUid(uid: string): Promise<Payload | undefined> {
    return await Promise.resolve([...this.#all.values()].find((payload) => payload.uid === uid));
  }

  async consume(id: string): Promise<void> {
    const payload = await this.find(id);
    if (payload) payload.consumed = Math.floor(Date.now() / 1_000);
  }

  async destroy(id: string): Promise<void> {
    await Promise.resolve(this.#all.delete(id));
  }

  async revokeByGrantId(grantId: string): Promise<void> {
    for (const [id, payload] of this.#all) if (payload.grantId === grantId) await this.destroy(id);
  }
}
