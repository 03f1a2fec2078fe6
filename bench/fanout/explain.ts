/** Does the work; what it throws says where that was. */
export async function explain<Found>(where: string, work: () => Promise<Found>): Promise<Found> {
  try {
    return await work();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${where}: ${reason}`, { cause: error });
  }
}
