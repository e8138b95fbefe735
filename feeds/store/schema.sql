-- Written by `make schema` from the migrations; a new database is made of it, and an older one by them.

CREATE TABLE alembic_version (
  version_num VARCHAR(32) NOT NULL,
  CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE hosts (
  host VARCHAR(255) NOT NULL,
  not_before BIGINT,
  PRIMARY KEY (host)
);
CREATE TABLE meta (
  name VARCHAR(40) NOT NULL,
  value TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (name)
);
CREATE TABLE sources (
  id INTEGER NOT NULL,
  name VARCHAR(200) NOT NULL,
  url TEXT DEFAULT '' NOT NULL,
  host TEXT DEFAULT '' NOT NULL,
  config JSON NOT NULL,
  removed BOOLEAN DEFAULT (false) NOT NULL,
  feed_title TEXT DEFAULT '' NOT NULL,
  feed_id TEXT DEFAULT '' NOT NULL,
  feed_home TEXT DEFAULT '' NOT NULL,
  feed_language TEXT DEFAULT '' NOT NULL,
  feed_rights TEXT DEFAULT '' NOT NULL,
  feed_format TEXT DEFAULT '' NOT NULL,
  next_poll BIGINT,
  held_until BIGINT,
  lease_until BIGINT,
  lease_token TEXT DEFAULT '' NOT NULL,
  etag TEXT DEFAULT '' NOT NULL,
  last_modified TEXT DEFAULT '' NOT NULL,
  body_hash BLOB NOT NULL,
  moved_to TEXT DEFAULT '' NOT NULL,
  interval BIGINT DEFAULT '0' NOT NULL,
  failures BIGINT DEFAULT '0' NOT NULL,
  failing_since BIGINT,
  why TEXT DEFAULT '' NOT NULL,
  polled BIGINT,
  changed BIGINT,
  newest BIGINT,
  stopped BOOLEAN DEFAULT (false) NOT NULL,
  n_polls BIGINT DEFAULT '0' NOT NULL,
  n_not_modified BIGINT DEFAULT '0' NOT NULL,
  n_unchanged BIGINT DEFAULT '0' NOT NULL,
  n_failed BIGINT DEFAULT '0' NOT NULL,
  n_items BIGINT DEFAULT '0' NOT NULL,
  n_new BIGINT DEFAULT '0' NOT NULL,
  n_edited BIGINT DEFAULT '0' NOT NULL,
  n_same BIGINT DEFAULT '0' NOT NULL,
  n_duplicate BIGINT DEFAULT '0' NOT NULL,
  n_stale BIGINT DEFAULT '0' NOT NULL,
  n_rejected BIGINT DEFAULT '0' NOT NULL,
  slices BLOB,
  trouble TEXT DEFAULT '' NOT NULL,
  whole TEXT DEFAULT '' NOT NULL,
  cuts JSON,
  next_why TEXT DEFAULT '' NOT NULL,
  move TEXT DEFAULT '' NOT NULL,
  usual_gap BIGINT DEFAULT '0' NOT NULL,
  ttl BIGINT DEFAULT '0' NOT NULL,
  skip_hours BIGINT DEFAULT '0' NOT NULL,
  skip_days BIGINT DEFAULT '0' NOT NULL,
  move_count BIGINT DEFAULT '0' NOT NULL,
  body_at BIGINT,
  probed BIGINT,
  distrusted_until BIGINT,
  move_since BIGINT,
  asked BIGINT,
  followed BOOLEAN DEFAULT false NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (name)
);
CREATE INDEX sources_due ON sources (next_poll);
CREATE INDEX sources_host ON sources (host);
CREATE TABLE stories (
  id INTEGER NOT NULL,
  tag VARCHAR(300),
  head INTEGER,
  head_frozen_at BIGINT,
  published BIGINT,
  updated BIGINT,
  changed_at BIGINT NOT NULL,
  waiting BOOLEAN DEFAULT (false) NOT NULL,
  merged_into INTEGER,
  corrected_at BIGINT,
  page_due BIGINT DEFAULT '0' NOT NULL,
  PRIMARY KEY (id),
  UNIQUE (tag),
  UNIQUE (updated)
);
CREATE INDEX stories_waiting ON stories (waiting) WHERE waiting;
CREATE TABLE topics (
  name VARCHAR(40) NOT NULL,
  seq BIGINT DEFAULT '0' NOT NULL,
  published_seq BIGINT DEFAULT '0' NOT NULL,
  dirty_at BIGINT,
  entries BIGINT DEFAULT '0' NOT NULL,
  rendered_with TEXT DEFAULT '' NOT NULL,
  archived_at TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (name)
);
CREATE TABLE articles (
  id INTEGER NOT NULL,
  source_id INTEGER NOT NULL,
  story_id INTEGER NOT NULL,
  guid TEXT DEFAULT '' NOT NULL,
  url TEXT DEFAULT '' NOT NULL,
  canonical_url TEXT DEFAULT '' NOT NULL,
  title TEXT DEFAULT '' NOT NULL,
  summary TEXT DEFAULT '' NOT NULL,
  content TEXT DEFAULT '' NOT NULL,
  text TEXT DEFAULT '' NOT NULL,
  authors JSON NOT NULL,
  language TEXT DEFAULT '' NOT NULL,
  published BIGINT,
  updated BIGINT,
  first_seen BIGINT NOT NULL,
  dated BIGINT NOT NULL,
  image JSON,
  enclosures JSON NOT NULL,
  categories JSON NOT NULL,
  rights TEXT DEFAULT '' NOT NULL,
  publisher TEXT DEFAULT '' NOT NULL,
  minutes BIGINT DEFAULT '0' NOT NULL,
  own_page BOOLEAN DEFAULT (false) NOT NULL,
  slug VARCHAR(100),
  digest BLOB NOT NULL,
  hash_key BLOB NOT NULL,
  hash_kind TEXT DEFAULT '' NOT NULL,
  title_hash BLOB NOT NULL,
  text_hash BLOB NOT NULL,
  withdrawn_at BIGINT,
  edits BIGINT DEFAULT '0' NOT NULL,
  PRIMARY KEY (id),
  FOREIGN KEY(source_id) REFERENCES sources (id),
  FOREIGN KEY(story_id) REFERENCES stories (id),
  UNIQUE (slug)
);
CREATE INDEX articles_dated ON articles (dated);
CREATE INDEX articles_story ON articles (story_id);
CREATE INDEX articles_text ON articles (source_id, text_hash);
CREATE TABLE boilerplate (
  source_id INTEGER NOT NULL,
  text_hash BLOB NOT NULL,
  PRIMARY KEY (source_id, text_hash),
  FOREIGN KEY(source_id) REFERENCES sources (id)
);
CREATE TABLE keys (
  kind VARCHAR(4) NOT NULL,
  "key" BLOB NOT NULL,
  source_id INTEGER NOT NULL,
  article_id INTEGER,
  class TEXT DEFAULT '' NOT NULL,
  publisher TEXT DEFAULT '' NOT NULL,
  claimed BIGINT,
  first_seen BIGINT NOT NULL,
  left_at BIGINT,
  outcome TEXT DEFAULT '' NOT NULL,
  why TEXT DEFAULT '' NOT NULL,
  label TEXT DEFAULT '' NOT NULL,
  slice BLOB NOT NULL,
  PRIMARY KEY (kind, "key", source_id),
  FOREIGN KEY(source_id) REFERENCES sources (id)
);
CREATE INDEX keys_article ON keys (article_id);
CREATE TABLE memberships (
  article_id INTEGER NOT NULL,
  topic VARCHAR(40) NOT NULL,
  score FLOAT NOT NULL,
  need FLOAT NOT NULL,
  because JSON NOT NULL,
  rules TEXT DEFAULT '' NOT NULL,
  PRIMARY KEY (article_id, topic),
  FOREIGN KEY(article_id) REFERENCES articles (id)
);
CREATE INDEX memberships_topic ON memberships (topic, article_id);
CREATE TABLE revisions (
  id INTEGER NOT NULL,
  article_id INTEGER NOT NULL,
  seen_at BIGINT NOT NULL,
  differs JSON NOT NULL,
  title TEXT DEFAULT '' NOT NULL,
  link TEXT DEFAULT '' NOT NULL,
  summary TEXT DEFAULT '' NOT NULL,
  content TEXT DEFAULT '' NOT NULL,
  text TEXT DEFAULT '' NOT NULL,
  authors JSON NOT NULL,
  hash_key BLOB NOT NULL,
  corrections JSON DEFAULT '[]' NOT NULL,
  source_id INTEGER REFERENCES sources (id),
  item BLOB,
  PRIMARY KEY (id),
  FOREIGN KEY(article_id) REFERENCES articles (id)
);
CREATE INDEX revisions_article ON revisions (article_id);
CREATE TABLE sightings (
  source_id INTEGER NOT NULL,
  item BLOB NOT NULL,
  article_id INTEGER NOT NULL,
  guid TEXT DEFAULT '' NOT NULL,
  link TEXT DEFAULT '' NOT NULL,
  canonical_url TEXT DEFAULT '' NOT NULL,
  title TEXT DEFAULT '' NOT NULL,
  published BIGINT,
  first_seen BIGINT NOT NULL,
  hash_key BLOB NOT NULL,
  text TEXT DEFAULT '' NOT NULL,
  copy JSON,
  PRIMARY KEY (source_id, item),
  FOREIGN KEY(article_id) REFERENCES articles (id),
  FOREIGN KEY(source_id) REFERENCES sources (id)
);
CREATE INDEX sightings_article ON sightings (article_id);
CREATE INDEX keys_slice ON keys (source_id, slice);
CREATE TABLE traces (
  seq INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  article_id INTEGER NOT NULL,
  story_id INTEGER NOT NULL,
  first INTEGER NOT NULL,
  root INTEGER NOT NULL,
  dated BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  publisher TEXT DEFAULT '' NOT NULL,
  title BLOB NOT NULL,
  lead BLOB NOT NULL,
  marks TEXT DEFAULT '' NOT NULL,
  wire TEXT DEFAULT '' NOT NULL,
  FOREIGN KEY(article_id) REFERENCES articles (id),
  UNIQUE (article_id)
);
CREATE INDEX traces_story ON traces (story_id);
CREATE INDEX traces_seen ON traces (seen);
CREATE TABLE likenesses (
  article_id INTEGER NOT NULL,
  near INTEGER,
  score FLOAT NOT NULL,
  shared JSON NOT NULL,
  related JSON NOT NULL,
  root INTEGER NOT NULL,
  came_from INTEGER,
  PRIMARY KEY (article_id),
  FOREIGN KEY(article_id) REFERENCES articles (id)
);
CREATE TABLE apart (
  story_id INTEGER NOT NULL,
  other_id INTEGER NOT NULL,
  PRIMARY KEY (story_id, other_id)
);
CREATE TABLE filings (
  topic VARCHAR(40) NOT NULL,
  story_id INTEGER NOT NULL,
  day INTEGER NOT NULL,
  PRIMARY KEY (topic, story_id)
);
CREATE INDEX filings_day ON filings (topic, day);
CREATE INDEX filings_story ON filings (story_id);
CREATE VIRTUAL TABLE search USING fts5(title, text, columnsize=0, tokenize='unicode61 remove_diacritics 0');
CREATE TABLE inbox (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  kind VARCHAR(4) NOT NULL,
  "key" TEXT DEFAULT '' NOT NULL,
  at BIGINT NOT NULL,
  head JSON NOT NULL,
  body BLOB NOT NULL
);
CREATE INDEX inbox_kind ON inbox (kind, id);
CREATE TABLE errands (
  id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
  role VARCHAR(10) NOT NULL,
  topic VARCHAR(60) NOT NULL,
  callback TEXT NOT NULL,
  host TEXT DEFAULT '' NOT NULL,
  mode TEXT DEFAULT '' NOT NULL,
  secret BLOB NOT NULL,
  lease BIGINT DEFAULT '0' NOT NULL,
  expires BIGINT,
  due BIGINT,
  seq BIGINT DEFAULT '0' NOT NULL,
  tries BIGINT DEFAULT '0' NOT NULL,
  slow BOOLEAN DEFAULT false NOT NULL,
  why TEXT DEFAULT '' NOT NULL,
  failing_since BIGINT,
  delivered BLOB NOT NULL,
  lease_until BIGINT,
  lease_token TEXT DEFAULT '' NOT NULL,
  UNIQUE (role, topic, callback)
);
CREATE INDEX errands_due ON errands (due);
CREATE INDEX errands_host ON errands (host);
CREATE TABLE pushes (
  source_id INTEGER NOT NULL,
  hub TEXT DEFAULT '' NOT NULL,
  topic TEXT DEFAULT '' NOT NULL,
  token VARCHAR(64) NOT NULL,
  secret TEXT DEFAULT '' NOT NULL,
  stage VARCHAR(10) NOT NULL,
  act_at BIGINT,
  asked BIGINT,
  lease_until BIGINT,
  tries BIGINT DEFAULT '0' NOT NULL,
  misses BIGINT DEFAULT '0' NOT NULL,
  owed BIGINT DEFAULT '0' NOT NULL,
  pushed BIGINT,
  why TEXT DEFAULT '' NOT NULL,
  seen BLOB NOT NULL,
  n_pushes BIGINT DEFAULT '0' NOT NULL,
  n_replayed BIGINT DEFAULT '0' NOT NULL,
  n_useless BIGINT DEFAULT '0' NOT NULL,
  PRIMARY KEY (source_id),
  UNIQUE (token),
  FOREIGN KEY(source_id) REFERENCES sources (id)
);
CREATE INDEX pushes_act_at ON pushes (act_at);
CREATE INDEX stories_pages ON stories (id) WHERE page_due > 0;
INSERT INTO alembic_version VALUES ('0012');
INSERT INTO meta VALUES ('articles_gone', '0');
INSERT INTO meta VALUES ('articles_parted', '0');
