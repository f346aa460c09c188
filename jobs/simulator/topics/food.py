"""Topics: sourdough baking, fermenting vegetables, coffee brewing, Indian home cooking."""

from jobs.simulator.topics.topic import Local, Topic, lines

FOOD = (
    Topic(
        name="sourdough baking",
        group="Food",
        subjects=lines("""
            rye starters
            overnight sourdough
            crisp crusts
            scoring patterns
            wholegrain loaves
            sourdough pizza
            shaping wet dough
            cold proofing
            baking in a cast-iron pot
            old wheat varieties
            sourdough rolls
            feeding a starter
        """),
        books=lines("""
            The Patient Loaf
            Bread Before Breakfast
            Ten Bakers, Ten Starters
            Crumb and Crust
            What the Dough Told Me
        """),
        kits=lines("""
            Sourdough Starter Kit with Jar and Scraper
            Round Proofing Basket with Linen Liner
            Baker's Scoring Knife with Ten Blades
            Stoneground Rye and Spelt Flour Box
            Bread Baking Set with Cast-Iron Pot
        """),
        films=lines("""
            The Night Bakers
            A Mill on the River
            Forty Years of One Starter
            The Last Village Oven
        """),
        magazines=lines("""
            Crust Quarterly
            The Home Miller
        """),
        talks=lines("""
            Why Is My Sourdough So Dense?
            Can a Starter Survive a Holiday?
            What Steam Does to a Crust
            How Much Salt Does Bread Need?
            Is Older Flour Worse Flour?
        """),
        sentences=lines("""
            A cool kitchen slows the dough down and gives the loaf more flavour.
            A young starter smells of apples first and of yoghurt a few days later.
            Rye ferments faster than wheat and forgives almost nothing.
            A loaf that sounds hollow when you knock on it is done.
            Steam in the first minutes keeps the crust soft enough to open.
            Bread baked with a sour starter keeps fresh for the better part of a week.
            Wet dough is easier to shape with wet hands than with more flour.
            The crumb tells you afterwards what the proofing was like.
        """),
        queries=lines("""
            sourdough bread recipe
            how to feed a rye starter
            bread with a crisp crust
            proofing basket
            wholegrain loaf without yeast
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Roggensauerteig
                    Brot aus dem Gusseisentopf
                    Brötchen mit Sauerteig
                """),
                lines("""
                    Ein kühler Teig braucht länger und schmeckt nach mehr.
                    Roggen gärt schneller als Weizen und verzeiht weniger.
                """),
            ),
            Local(
                "fr",
                lines("""
                    le pain au levain
                    la pâte longue pousse
                    le levain de seigle
                """),
                lines("""
                    Un levain jeune sent la pomme avant de sentir le yaourt.
                    La vapeur des premières minutes décide de la croûte.
                """),
            ),
            Local(
                "es",
                lines("""
                    el pan de masa madre
                    la masa de centeno
                    los panes integrales
                """),
                lines("""
                    Una masa fría fermenta despacio y sabe mejor.
                    El pan de masa madre se conserva casi una semana.
                """),
            ),
        ),
    ),
    Topic(
        name="fermenting vegetables",
        group="Food",
        subjects=lines("""
            sauerkraut
            kimchi
            pickled cucumbers
            salt brines
            fermented chillies
            kombucha
            miso pastes
            beetroot kvass
            airlock jars
            preserving the summer harvest
            lactic acid bacteria
            water kefir
        """),
        books=lines("""
            Salt, Cabbage, Time
            The Bubbling Cellar
            A Jar for Every Month
            Sour and Alive
            Small Batch Pickles
        """),
        kits=lines("""
            Fermentation Crock with Stone Weights
            Set of Six Airlock Jars
            Kimchi Making Kit with Chilli Flakes
            Kombucha Starter Culture and Brewing Jar
            Cabbage Slicer with Safety Guard
        """),
        films=lines("""
            Grandmother's Kimchi Day
            The Cellar Beneath the House
            A Winter of Cabbage
            Invisible Cooks
        """),
        magazines=lines("""
            Brine
            The Pickle Post
        """),
        talks=lines("""
            How Salty Should a Brine Be?
            Is the White Film on My Pickles Safe?
            What Lives in a Jar of Sauerkraut
            Why Kimchi Tastes Different in Every House
            Can You Ferment Fruit as Well?
        """),
        sentences=lines("""
            Two per cent of salt by weight is enough to keep the wrong guests out.
            Vegetables must stay below the brine, and a clean stone does the job.
            After three days the jar begins to bubble and smells pleasantly sour.
            A warm shelf speeds things up, a cellar makes them taste deeper.
            Cabbage gives off its own brine when it is salted and kneaded.
            Every household that ferments ends up with its own taste.
            Chillies mellow in the jar while their heat stays.
            Kombucha turns from sweet tea to something close to cider within ten days.
        """),
        queries=lines("""
            make sauerkraut at home
            kimchi recipe mild
            fermentation crock
            pickles without vinegar
            how to start kombucha
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Sauerkraut aus dem Steintopf
                    Eingelegtes Gemüse
                    Kimchi für zu Hause
                """),
                lines("""
                    Das Gemüse muss immer unter der Salzlake bleiben.
                    Nach drei Tagen beginnt es im Glas zu blubbern.
                """),
            ),
            Local(
                "fr",
                lines("""
                    les légumes fermentés
                    la choucroute maison
                    le kéfir de fruits
                """),
                lines("""
                    Deux pour cent de sel suffisent pour une bonne fermentation.
                    Chaque maison finit par avoir son propre goût.
                """),
            ),
            Local(
                "es",
                lines("""
                    las verduras fermentadas
                    el chucrut casero
                    la kombucha
                """),
                lines("""
                    La verdura debe quedar siempre bajo la salmuera.
                    En un lugar fresco el sabor se vuelve más profundo.
                """),
            ),
        ),
    ),
    Topic(
        name="coffee brewing",
        group="Food",
        subjects=lines("""
            pour-over coffee
            espresso at home
            milk foam and latte art
            roasting coffee in a pan
            hand grinders
            cold brew
            the moka pot
            light roasts
            water hardness and taste
            Ethiopian coffees
            cupping and tasting
            descaling an espresso machine
        """),
        books=lines("""
            The Second Cup
            From Cherry to Cup
            Grind Finer
            A Barista's Notebook
            Slow Coffee Mornings
        """),
        kits=lines("""
            Ceramic Pour-Over Set with Paper Filters
            Hand Grinder with Steel Burrs
            Milk Pitcher and Latte Art Pen
            Tasting Box of Six Single-Origin Coffees
            Espresso Tamper with Levelling Ring
        """),
        films=lines("""
            High Harvest
            Two Grams Less
            The Roaster of Harbour Street
            A Cup in Addis
        """),
        magazines=lines("""
            Third Pour
            Bean and Burr
        """),
        talks=lines("""
            Why Does My Espresso Taste Sour?
            What the Grinder Does That the Machine Cannot
            How Fresh Should Coffee Be?
            Does Water Matter More Than Beans?
            What Cuppers Listen For
        """),
        sentences=lines("""
            Thirty seconds of blooming let the gas escape before the real pour begins.
            A sour cup asks for a finer grind, a bitter one for a coarser grind.
            Freshly roasted beans need a few days of rest before they taste clear.
            Soft water brings out acidity, hard water hides it.
            Milk foam should shine like wet paint and pour without bubbles.
            The same beans taste of berries in one brewer and of chocolate in another.
            Weighing coffee and water is the cheapest way to a better cup.
            A burr grinder lasts for decades if it is brushed out once a month.
        """),
        queries=lines("""
            how to make good espresso at home
            pour over coffee set
            coffee grinder with burrs
            learn latte art
            fruity single origin beans
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Filterkaffee von Hand
                    Espresso zu Hause
                    Kaffee rösten in der Pfanne
                """),
                lines("""
                    Saurer Kaffee will feiner, bitterer will gröber gemahlen sein.
                    Frisch geröstete Bohnen brauchen ein paar Tage Ruhe.
                """),
            ),
            Local(
                "fr",
                lines("""
                    le café filtre
                    l'espresso à la maison
                    la mouture du café
                """),
                lines("""
                    Une eau douce révèle l'acidité, une eau dure la cache.
                    Peser le café et l'eau change tout.
                """),
            ),
            Local(
                "es",
                lines("""
                    el café de filtro
                    el espresso en casa
                    los cafés de origen
                """),
                lines("""
                    El mismo grano sabe distinto en cada cafetera.
                    Un café amargo pide una molienda más gruesa.
                """),
            ),
        ),
    ),
    Topic(
        name="Indian home cooking",
        group="Food",
        subjects=lines("""
            everyday dal
            whole spices
            South Indian breakfasts
            Punjabi curries
            flatbreads from the pan
            chutneys and pickles
            vegetarian thali
            coconut curries
            tandoori marinades
            masala blends
            biryani
            Bengali fish dishes
        """),
        books=lines("""
            Spoon by Spoon
            My Aunt's Spice Tin
            Rice, Lentils, Rain
            A Hundred Small Plates from Kerala
            The Tempering Pan
        """),
        kits=lines("""
            Round Spice Tin with Seven Whole Spices
            Masala Grinding Set with Stone Mortar
            Chapati Board and Rolling Pin
            Dosa Pan with Wooden Spreader
            Curry Night Box for Four
        """),
        films=lines("""
            The Lunch Carriers
            Monsoon Kitchen
            Pepper Coast
            A Wedding for Eight Hundred
        """),
        magazines=lines("""
            Tiffin
            Mustard Seed
        """),
        talks=lines("""
            When Do Spices Go into the Pan?
            Why Dal Is Different in Every State
            What Makes a Curry Creamy Without Cream?
            How Hot Is Hot Enough?
            The Long Journey of Black Pepper
        """),
        sentences=lines("""
            Mustard seeds go in first, and they are ready when they stop popping.
            A pot of lentils feeds four people for the price of a sandwich.
            Onions that are browned slowly are the sauce, not the decoration.
            Whole spices keep for a year, ground ones fade within weeks.
            A spoon of tempered butter at the end changes the whole dish.
            Coconut and curry leaves belong to the south, cream and fenugreek to the north.
            Dough for flatbread rests twenty minutes and then rolls out without a fight.
            Good biryani is layered, sealed and left alone.
        """),
        queries=lines("""
            easy dal recipe
            indian curry from scratch
            whole spices set
            how to make naan in a pan
            vegetarian indian dinner
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Indische Alltagsküche
                    Currys aus Südindien
                    Gewürze und Masalas
                """),
                lines("""
                    Senfkörner kommen zuerst ins heiße Fett.
                    Langsam gebräunte Zwiebeln sind die halbe Soße.
                """),
            ),
            Local(
                "fr",
                lines("""
                    la cuisine indienne du quotidien
                    les currys du Kerala
                    les épices entières
                """),
                lines("""
                    Les épices entières se gardent un an, moulues quelques semaines.
                    Une marmite de lentilles nourrit quatre personnes.
                """),
            ),
            Local(
                "es",
                lines("""
                    la cocina india casera
                    los currys de coco
                    las mezclas de especias
                """),
                lines("""
                    La cebolla dorada despacio es la base de la salsa.
                    Las especias enteras duran un año en su lata.
                """),
            ),
        ),
    ),
)
