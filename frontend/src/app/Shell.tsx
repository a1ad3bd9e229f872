/** The frame of every page: where one can go, the range and filters that go along, whether numbers are live. */
import { useComputedColorScheme, useMantineColorScheme } from "@mantine/core";
import { IconLogout, IconMenu2, IconMoon, IconSettings, IconSun } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, Outlet } from "@tanstack/react-router";
import { lazy, type MouseEvent, type ReactNode, Suspense, useEffect, useState } from "react";
import { chooseProject, chosenProject } from "../api/client.ts";
import { Opener } from "../ui/Opener.tsx";
import { FilterBar } from "../ui/FilterBar.tsx";
import { RangePicker } from "../ui/RangePicker.tsx";
import { carried } from "../url.ts";
import { useCalled } from "./called.ts";
import { Ended } from "./Ended.tsx";
import { useDrawer } from "./drawer.ts";
import { whenIdle } from "./idle.ts";
import { lasting } from "./lasting.ts";
import { type LiveState, useLive } from "./live.ts";
import { NAV } from "./nav.ts";
import { usePlace } from "./place.ts";
import { session } from "./session.ts";
import { useShortcuts } from "./shortcuts.ts";
import "./shell.css";

const Palette = lazy(lasting(() => import("./Palette.tsx").then((loaded) => ({ default: loaded.Palette }))));
const Help = lazy(lasting(() => import("./Help.tsx").then((loaded) => ({ default: loaded.Help }))));

const account = () => import("./AccountMenu.tsx");
const AccountMenu = lazy(lasting(() => account().then((loaded) => ({ default: loaded.AccountMenu }))));

const BudgetBanner = lazy(
  lasting(() => import("../ui/BudgetBanner.tsx").then((loaded) => ({ default: loaded.BudgetBanner }))),
);

const IntakeBanner = lazy(
  lasting(() => import("../ui/IntakeBanner.tsx").then((loaded) => ({ default: loaded.IntakeBanner }))),
);

const IncidentBanner = lazy(
  lasting(() => import("../ui/IncidentBanner.tsx").then((loaded) => ({ default: loaded.IncidentBanner }))),
);

const OpenCount = lazy(lasting(() => import("../ui/OpenCount.tsx").then((loaded) => ({ default: loaded.OpenCount }))));

/** What comes after the first paint must not hold up what the page itself still waits for and draws. */
const FIRST_PAINT_MS = 1500;

const LIVE_TEXT: Record<LiveState, string> = { live: "Live", paused: "Paused", reconnecting: "Reconnecting" };

export function Shell() {
  const { path, search } = usePlace();
  const [narrow, setNarrow] = useState(localStorage.getItem("farthing.narrow") === "true");
  const [liveOn, setLiveOn] = useState(true);
  const [help, setHelp] = useState(false);
  const [idle, setIdle] = useState(false);
  const [hasPalette, setHasPalette] = useState(false);
  const drawer = useDrawer();
  const called = useCalled(hasPalette);
  const live = useLive(liveOn);
  const queries = useQueryClient();
  useShortcuts({
    narrow: () =>
      setNarrow((now) => {
        localStorage.setItem("farthing.narrow", String(!now));
        return !now;
      }),
    live: () => setLiveOn((now) => !now),
    help: () => setHelp((now) => !now),
  });
  useEffect(
    () =>
      whenIdle(
        FIRST_PAINT_MS,
        () => {
          setIdle(true);
          // What most pages and all menus are made of: the next page is there at once.
          void import("../ui/Choosing.tsx").catch(() => undefined);
        },
        () => queries.isFetching() > 0,
      ),
    [queries],
  );
  const along = carried(search) as never;
  return (
    <div className="shell" data-narrow={narrow}>
      <a className="skip" href="#page" onClick={skip}>
        Skip to the page
      </a>
      <nav ref={drawer.nav} className="side" aria-label="Pages" data-open={drawer.open} onClick={drawer.chosen}>
        <Link to="/" search={along} className="brand">
          <img src="./favicon.svg" alt="" width={22} height={22} /> <span>Farthing</span>
        </Link>
        {NAV.map((part) => (
          <div key={part.title} role="group" aria-label={part.title}>
            <h2>{part.title}</h2>
            {part.entries.map((entry) => (
              <Link
                key={entry.path}
                to={entry.path as never}
                search={along}
                preload="intent"
                className="item"
                title={`${entry.title} (g ${entry.key})`}
                aria-current={(entry.path === "/" ? path === "/" : path.startsWith(entry.path)) ? "page" : undefined}
              >
                <entry.icon size={18} stroke={1.6} aria-hidden /> <span>{entry.title}</span>
                {idle && entry.path === "/alerts" && (
                  <Suspense>
                    <OpenCount />
                  </Suspense>
                )}
              </Link>
            ))}
          </div>
        ))}
        <div className="foot">
          <button type="button" className="item" onClick={() => setLiveOn(!liveOn)} title="Live on or off (l)">
            <i className="live" data-state={live} aria-hidden style={{ margin: "0 5px" }} />
            <span>{LIVE_TEXT[live]}</span>
          </button>
          <Link
            to={"/settings" as never}
            className="item"
            aria-current={path.startsWith("/settings") ? "page" : undefined}
          >
            <IconSettings size={18} stroke={1.6} aria-hidden /> <span>Settings</span>
          </Link>
          <Theme />
          <Account />
        </div>
      </nav>
      <div>
        <div className="scrim" hidden={!drawer.open} onClick={drawer.close} />
        <Outlet />
        {/* Each waits alone: what is shown already would be hidden, and lose the focus, while another is loaded. */}
        <Suspense>{(idle || called) && <Palette called={called} ready={setHasPalette} />}</Suspense>
        {idle && (
          <div className="banners">
            <Ended />
            <Suspense>
              <IntakeBanner />
              <IncidentBanner />
              <BudgetBanner />
            </Suspense>
          </div>
        )}
        <Suspense>{help && <Help opened close={() => setHelp(false)} />}</Suspense>
      </div>
      <button
        ref={drawer.button}
        type="button"
        className="button menu"
        aria-label="Menu"
        aria-expanded={drawer.open}
        onClick={drawer.turn}
      >
        <IconMenu2 size={20} aria-hidden />
      </button>
    </div>
  );
}

/** By hand: as an address it would be one of the page that relative addresses begin at, which is the first one. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById("page")?.focus();
}

interface PageProps {
  title: string;
  /** Whether the page is about a range, and can be filtered. */
  ranged?: boolean;
  children: ReactNode;
}

export function Page({ title, ranged = false, children }: PageProps) {
  return (
    <>
      <header className="top">
        <h1>{title}</h1>
        {ranged && <FilterBar />}
        {ranged && (
          <div className="right">
            <RangePicker />
          </div>
        )}
      </header>
      <main id="page" className="page" tabIndex={-1}>
        {children}
      </main>
    </>
  );
}

/** What is seen, also where it is the system's choice. */
const SEEN = { getInitialValueInEffect: false };

function Theme() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light", SEEN) === "dark";
  return (
    <button
      type="button"
      className="item"
      title="Theme (d)"
      data-theme-toggle
      onClick={() => setColorScheme(dark ? "light" : "dark")}
    >
      {dark ? <IconSun size={18} stroke={1.6} aria-hidden /> : <IconMoon size={18} stroke={1.6} aria-hidden />}
      <span>{dark ? "Light" : "Dark"}</span>
    </button>
  );
}

function Account() {
  const who = useQuery(session);
  const queries = useQueryClient();
  const projects = who.data?.projects ?? [];
  const button = {
    className: "item",
    children: (
      <>
        <IconLogout size={18} stroke={1.6} aria-hidden /> <span>{who.data?.user.name ?? "Account"}</span>
      </>
    ),
  };
  return (
    <>
      {projects.length > 1 && (
        <select
          className="select"
          aria-label="Project"
          value={chosenProject() || projects[0]?.id}
          onChange={({ target }) => {
            chooseProject(target.value);
            void queries.invalidateQueries();
          }}
        >
          {projects.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name}
            </option>
          ))}
        </select>
      )}
      <Opener button={button} fetch={account}>
        {(again) => <AccountMenu button={again} />}
      </Opener>
    </>
  );
}
