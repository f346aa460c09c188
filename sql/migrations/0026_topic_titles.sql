-- Names of topics for people, by language; an operator edits the rows.
CREATE TABLE interestream.topic_titles (
    language text NOT NULL CHECK (language = lower(language) AND language <> ''),
    topic text NOT NULL CHECK (topic <> ''),
    title text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 100),
    PRIMARY KEY (language, topic)
);
COMMENT ON TABLE interestream.topic_titles IS
'What topic_title() calls a topic of interestream.topics, or the rest, other, by language (zh, pt-br: lower case). A topic without a row has its own name, which counts as English. Rows may be added, changed and deleted; one whose topic there is not does no harm.';

INSERT INTO interestream.topic_titles (language, topic, title)
VALUES
('zh', 'food and cooking', '美食与烹饪'),
('zh', 'travel and places', '旅行与地点'),
('zh', 'sport and fitness', '运动与健身'),
('zh', 'health and medicine', '健康与医疗'),
('zh', 'beauty and care', '美妆与护理'),
('zh', 'fashion and clothing', '时尚与服饰'),
('zh', 'home and furniture', '家居与家具'),
('zh', 'repairs and tools', '维修与工具'),
('zh', 'garden and plants', '园艺与植物'),
('zh', 'animals and nature', '动物与自然'),
('zh', 'science and space', '科学与太空'),
('zh', 'technology and computers', '科技与电脑'),
('zh', 'games and puzzles', '游戏与益智'),
('zh', 'films and series', '影视剧'),
('zh', 'music', '音乐'),
('zh', 'books and writing', '图书与写作'),
('zh', 'art and photography', '艺术与摄影'),
('zh', 'crafts and making', '手工艺'),
('zh', 'history', '历史'),
('zh', 'politics and society', '政治与社会'),
('zh', 'business and money', '商业与理财'),
('zh', 'learning and languages', '学习与语言'),
('zh', 'family and children', '家庭与孩子'),
('zh', 'mind and relationships', '心理与情感'),
('zh', 'cars and transport', '汽车与交通'),
('zh', 'other', '其他');

-- What topics have in common is taken off their vectors, so that the job needs them as they were before.
ALTER TABLE interestream.topic_vectors
ADD COLUMN direction halfvec,
ADD COLUMN languages text[];
COMMENT ON TABLE interestream.topic_vectors IS
'A topic in a space. direction: the unit vector of the mean of its texts'' vectors, which are unit(encode(text, document) - spaces.mean). embedding: the same less the mean of the directions of all topics of the space, as a unit vector; direction itself where there are few topics. languages: those of the space''s bundle, in which topics that come along are said. texts_sha256 names the texts it was made of. Rows of earlier versions have neither direction, which is their embedding, nor languages, which are English, until the next `interestream topics sync` or start of a job.';
