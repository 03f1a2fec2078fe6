import { describe, expect, it } from "vitest";
import { trustUserId } from "../../../src/protocol/user-id.js";
import { findPerson, type Person } from "../../../src/session/people-list.js";

function person(id: string, username: string): Person {
  const user_id = trustUserId(id);
  return { user_id, username, rooms: [], presence: { user_id, username, status: "online", devices: 1 } };
}

describe("the person a text means", () => {
  const people = [person("z1", "Zoro"), person("Zoro", "Robin"), person("nami", "Nami")];

  it("is found by id or by name, whatever the case of the name", () => {
    expect(findPerson(people, "NAMI")).toMatchObject({ user_id: "nami" });
    expect(findPerson(people, "z1")).toMatchObject({ username: "Zoro" });
    expect(findPerson(people, "chopper")).toBeUndefined();
  });

  it("cannot be told if it is the id of one and the name of another, unless id: or name: says it", () => {
    expect(findPerson(people, "Zoro")).toBe("ambiguous");
    expect(findPerson(people, "name:Zoro")).toMatchObject({ user_id: "z1" });
    expect(findPerson(people, "id:Zoro")).toMatchObject({ username: "Robin" });
  });
});
