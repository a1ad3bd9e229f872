/** A name and password, or the one-time link of the first start with a new password, in; a session, out. */
import { Button, Paper, PasswordInput, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client.ts";
import { usePlace } from "../../app/place.ts";
import { first } from "../../url.ts";

export function SignIn() {
  const { search } = usePlace();
  const queries = useQueryClient();
  const token = first(search, "token");
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const enter = async () => {
    setBusy(true);
    setWrong("");
    try {
      if (token) await send("POST", "/api/v1/session/link", {}, { token, password });
      else await send("POST", "/api/v1/session", {}, { login, password });
      queries.clear();
      // A whole new page: nothing of before the sign-in stays.
      const next = first(search, "next") ?? "/";
      window.location.assign(
        document.baseURI.replace(/\/$/, "") + (next.startsWith("/") && !next.startsWith("//") ? next : "/"),
      );
    } catch (error) {
      setWrong(error instanceof Error ? error.message : "That didn't work.");
      setBusy(false);
    }
  };
  return (
    <main style={{ display: "grid", placeItems: "center", minHeight: "100vh" }}>
      <Paper withBorder p="xl" w={360} bg="var(--panel)">
        <h1 style={{ fontSize: 20, marginTop: 0 }}>{token ? "Choose a password" : "Sign in to Farthing"}</h1>
        <form
          onSubmit={(event) => {
            event.preventDefault();
            void enter();
          }}
        >
          {!token && (
            <TextInput
              label="Name or e-mail"
              autoComplete="username"
              required
              value={login}
              onChange={(event) => setLogin(event.currentTarget.value)}
            />
          )}
          <PasswordInput
            label={token ? "New password, at least 8 characters" : "Password"}
            autoComplete={token ? "new-password" : "current-password"}
            required
            mt="sm"
            minLength={token ? 8 : 1}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {wrong && (
            <p className="notice error" role="alert">
              {wrong}
            </p>
          )}
          <Button type="submit" fullWidth mt="md" loading={busy}>
            {token ? "Set it and go on" : "Sign in"}
          </Button>
        </form>
      </Paper>
    </main>
  );
}
