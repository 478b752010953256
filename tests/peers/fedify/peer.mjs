// A small server of another make: it follows, answers and likes when the test asks it to, and remembers
// what came in with a signature that its own library has verified.
import { createFederation, exportJwk, generateCryptoKeyPair, importJwk, MemoryKvStore } from "@fedify/fedify";
import { verifyJsonLd } from "@fedify/fedify/sig";
import { Accept, Activity, Create, Endpoints, Follow, isActor, Like, Note, Person, PUBLIC_COLLECTION, Undo } from "@fedify/vocab";
import { serve } from "@hono/node-server";

const port = Number(process.argv[2]);
const firstKnock = process.argv[3];
const base = `http://127.0.0.1:${port}`;
const seen = [];
const notes = new Map();
const keys = [await generateCryptoKeyPair("RSASSA-PKCS1-v1_5"), await generateCryptoKeyPair("Ed25519")];

const federation = createFederation({ kv: new MemoryKvStore(), allowPrivateAddress: true, firstKnock });

federation
  .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
    if (identifier !== "ronja") return null;
    const pairs = await ctx.getActorKeyPairs(identifier);
    return new Person({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name: "Ronja",
      inbox: ctx.getInboxUri(identifier),
      outbox: ctx.getOutboxUri(identifier),
      followers: ctx.getFollowersUri(identifier),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher(async () => {
    const copies = [];
    for (const pair of keys) {
      const copy = async (key, kind) => importJwk(await exportJwk(key), kind);
      copies.push({ privateKey: await copy(pair.privateKey, "private"), publicKey: await copy(pair.publicKey, "public") });
    }
    return copies;
  });

federation.setOutboxDispatcher("/users/{identifier}/outbox", () => ({ items: [] }));
federation.setFollowersDispatcher("/users/{identifier}/followers", () => ({ items: [] }));
federation.setObjectDispatcher(Note, "/notes/{id}", (_, { id }) => notes.get(id) ?? null);

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(Follow, async (ctx, follow) => {
    seen.push({ type: "Follow", actor: follow.actorId?.href, object: follow.objectId?.href });
    const follower = await follow.getActor(ctx);
    const accept = new Accept({
      id: new URL(`${base}/accepts/${seen.length}`),
      actor: ctx.getActorUri("ronja"),
      object: follow,
    });
    await ctx.sendActivity({ identifier: "ronja" }, follower, accept);
  })
  .on(Activity, (_, activity) => {
    seen.push({ type: activity.constructor.name, actor: activity.actorId?.href, object: activity.objectId?.href });
  })
  .onError((_, error) => {
    seen.push({ type: "error", error: String(error) });
  });

let number = 0;

async function command(ctx, name, body) {
  const actor = ctx.getActorUri("ronja");
  const loader = await ctx.getDocumentLoader({ identifier: "ronja" });
  const target = await ctx.lookupObject(body.target, { documentLoader: loader });
  if (target == null) return { status: 404, body: { error: `nothing at ${body.target}` } };
  if (name === "look") return { status: 200, body: await target.toJsonLd({ format: "compact" }) };
  // A document names its author by id and type only: the inbox is in the author's own document.
  const by = isActor(target) ? target.id : target.attributionIds[0];
  const receiver = await ctx.lookupObject(by, { documentLoader: loader });
  number += 1;
  const id = new URL(`${base}/activities/${number}`);
  const send = (activity) => ctx.sendActivity({ identifier: "ronja" }, receiver, activity);
  if (name === "follow") await send(new Follow({ id, actor, object: target.id }));
  if (name === "like") await send(new Like({ id, actor, object: target.id }));
  if (name === "unlike") await send(new Undo({ id, actor, object: new Like({ id: new URL(body.like), actor, object: target.id }) }));
  if (name === "reply") {
    const note = new Note({
      id: ctx.getObjectUri(Note, { id: String(number) }),
      attribution: actor,
      content: body.content,
      replyTarget: target.id,
      published: Temporal.Now.instant(),
      to: PUBLIC_COLLECTION,
      cc: ctx.getFollowersUri("ronja"),
    });
    notes.set(String(number), note);
    await send(new Create({ id, actor, object: note, to: PUBLIC_COLLECTION }));
  }
  return { status: 200, body: { id: id.href } };
}

// A signature inside a document makes it good also where another server forwards it.
async function checkInside(request) {
  const document = await request.json();
  if (document.signature == null) return;
  const { documentLoader, contextLoader } = federation.createContext(new URL(base), undefined);
  let signed;
  try {
    signed = await verifyJsonLd(document, { documentLoader, contextLoader });
  } catch (error) {
    signed = String(error);
  }
  seen.push({ type: "inside", signed, kind: document.type, object: document.object?.type ?? "id" });
}

async function answer(request) {
  const url = new URL(request.url);
  if (url.pathname === "/control/seen") return Response.json(seen);
  if (url.pathname.startsWith("/control/")) {
    const ctx = federation.createContext(new URL(base), undefined);
    try {
      const done = await command(ctx, url.pathname.slice("/control/".length), await request.json());
      return Response.json(done.body, { status: done.status });
    } catch (error) {
      return Response.json({ error: String(error?.stack ?? error) }, { status: 500 });
    }
  }
  if (request.method === "POST") await checkInside(request.clone());
  return federation.fetch(request, { contextData: undefined });
}

serve({ fetch: answer, port, hostname: "127.0.0.1" }, () => console.log("ready"));
