// An OpenID Connect provider as people run it, with its own pages for signing in:
//
//     provider.cjs REDIRECT-ADDRESS
//
// It says its address in a line and stays until its input ends. Whoever signs in as NAME is
// NAME@shop.example; nobody has verified the address of "unverified".

const { createServer } = require("node:http");
const { Provider } = require("oidc-provider");

const [redirect] = process.argv.slice(2);

const server = createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "shuke", client_secret: "a secret", redirect_uris: [redirect] }],
    pkce: { required: () => true },
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    findAccount: (_, name) => ({
      accountId: name,
      claims: () => ({
        sub: name,
        name,
        email: `${name}@shop.example`,
        email_verified: name !== "unverified",
      }),
    }),
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
process.stdin.on("end", () => process.exit(0)).resume();
