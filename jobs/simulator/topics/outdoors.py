"""Topics: trail running, bird watching, sea kayaking, bicycle touring."""

from jobs.simulator.topics.topic import Local, Topic, lines

OUTDOORS = (
    Topic(
        name="trail running",
        group="Outdoors",
        subjects=lines("""
            mountain ultramarathons
            running downhill
            your first trail race
            night runs with a headlamp
            hill repeats
            trail shoes
            eating on long runs
            strong ankles and knees
            running in winter
            pacing by effort
            fell running
            recovery weeks
        """),
        books=lines("""
            Mud on Both Knees
            The Long Way Down
            A Hundred Miles Slowly
            Ridge After Ridge
            Runner of Small Hills
        """),
        kits=lines("""
            Running Vest with Two Soft Flasks
            Rechargeable Headlamp for Night Runs
            Trail Gaiters and Blister Care Pack
            Folding Carbon Running Poles
            Race Day Nutrition Box
        """),
        films=lines("""
            Eleven Hours to the Hut
            The Shepherd's Race
            Last Light on the Ridge
            Barefoot in the Fells
        """),
        magazines=lines("""
            Singletrack Stride
            Uphill
        """),
        talks=lines("""
            How Steep Is Too Steep to Run?
            What Ultrarunners Eat at Three in the Morning
            Do Poles Make You Faster?
            Why Knees Like Soft Ground
            How to Finish Last and Enjoy It
        """),
        sentences=lines("""
            Short steps keep you upright on loose stones.
            Walking the steep parts is not giving up, it is good pacing.
            A runner drinks more in the cold than the thirst suggests.
            Descents hurt two days later, so they are worth practising.
            Roots are slippery after rain and even more so in the morning frost.
            The last climb feels shorter when you have eaten an hour before it.
            Two easy weeks a season do more than one hard month.
            Shoes with deep lugs hold in mud and wear out on tarmac.
        """),
        queries=lines("""
            trail running shoes for mud
            training plan first ultramarathon
            how to run downhill safely
            running vest with flasks
            mountain race documentary
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Laufen im Gebirge
                    Der erste Berglauf
                    Bergab laufen ohne Angst
                """),
                lines("""
                    Kurze Schritte geben Halt auf losem Geröll.
                    Wer steile Stücke geht, teilt seine Kräfte klug ein.
                """),
            ),
            Local(
                "fr",
                lines("""
                    la course en montagne
                    le premier trail
                    la descente technique
                """),
                lines("""
                    De petits pas gardent l'équilibre sur les pierres.
                    Manger avant la dernière montée la rend plus courte.
                """),
            ),
            Local(
                "es",
                lines("""
                    las carreras de montaña
                    el primer ultramaratón
                    la carrera nocturna
                """),
                lines("""
                    Los pasos cortos ayudan sobre la piedra suelta.
                    Caminar en lo más empinado también es correr bien.
                """),
            ),
        ),
    ),
    Topic(
        name="bird watching",
        group="Outdoors",
        subjects=lines("""
            garden birds
            bird song
            birds of prey
            wading birds of the mudflats
            autumn migration
            owls at dusk
            binoculars for birding
            nest boxes
            woodpeckers
            keeping a field notebook
            sea birds and their cliffs
            winter feeding
        """),
        books=lines("""
            The Hedge at Six in the Morning
            Listening for Owls
            Feathers on the Windowsill
            A Year at the Estuary
            Small Brown Birds
        """),
        kits=lines("""
            Lightweight 8x42 Binoculars
            Build-Your-Own Nest Box of Larch
            Window Feeder with Seed Mix
            Waterproof Field Notebook and Pencil
            Folding Hide for One Observer
        """),
        films=lines("""
            The Crane Road
            Winter Guests
            An Owl in the Steeple
            Island of Gannets
        """),
        magazines=lines("""
            The Quiet Hide
            Wing and Reed
        """),
        talks=lines("""
            Why Do Blackbirds Sing at Night?
            How Do Swallows Find the Way Back?
            What a Pellet Tells about an Owl
            Should We Feed Birds in Summer?
            How to Tell Warblers Apart by Ear
        """),
        sentences=lines("""
            The first hour after sunrise is worth the whole rest of the day.
            Most birds are heard long before they are seen.
            Waders follow the tide, and so should the observer.
            A robin defends its garden all winter, against mirrors as well.
            Cranes travel in families and call to each other in the fog.
            A nest box should face away from the midday sun.
            Small brown birds become easy once their songs are known.
            An owl lands without a sound because its feathers are fringed.
        """),
        queries=lines("""
            identify garden birds by song
            binoculars for birding
            when do cranes migrate
            nest box for tits
            field guide waders
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Vogelstimmen im Garten
                    Greifvögel erkennen
                    Der Zug der Kraniche
                """),
                lines("""
                    Die meisten Vögel hört man lange, bevor man sie sieht.
                    Ein Nistkasten hängt am besten abgewandt von der Mittagssonne.
                """),
            ),
            Local(
                "fr",
                lines("""
                    les oiseaux du jardin
                    le chant des oiseaux
                    la migration des grues
                """),
                lines("""
                    La première heure après l'aube vaut toute la journée.
                    Les limicoles suivent la marée, l'observateur aussi.
                """),
            ),
            Local(
                "es",
                lines("""
                    las aves del jardín
                    las rapaces
                    la migración de otoño
                """),
                lines("""
                    A casi todas las aves se las oye antes de verlas.
                    La mejor hora es la primera después del amanecer.
                """),
            ),
        ),
    ),
    Topic(
        name="sea kayaking",
        group="Outdoors",
        subjects=lines("""
            the Eskimo roll
            coastal navigation
            tides and currents
            rescue in cold water
            camping from a kayak
            paddle strokes
            surf landings
            packing dry bags
            island crossings
            reading the sea forecast
            choosing a kayak
            paddling in wind
        """),
        books=lines("""
            Between Two Tides
            Salt on the Spray Deck
            The Archipelago Diaries
            Ten Thousand Strokes
            Seals Alongside
        """),
        kits=lines("""
            Dry Bag Set in Four Sizes
            Carbon Touring Paddle
            Neoprene Spray Deck
            Paddle Float and Bilge Pump Set
            Deck Compass with Bungee Mount
        """),
        films=lines("""
            Around the Outer Islands
            The Tide Race
            Alone along the Fjord
            Forty Days of Headwind
        """),
        magazines=lines("""
            Low Water
            The Paddler's Log
        """),
        talks=lines("""
            When Is the Sea Too Rough?
            How to Plan a Crossing by the Tide
            What to Do When You Capsize Alone
            Is a Rudder Cheating?
            Where to Sleep on a Stony Shore
        """),
        sentences=lines("""
            The tide does half of the work for those who wait for it.
            Cold water takes your breath before it takes your strength.
            A roll is learned in the hips, not in the arms.
            Wind against the current turns a calm sound into a rough one.
            Heavy things go low and close to the seat.
            Seals are curious and will follow a quiet boat for miles.
            On an open crossing everyone stays within calling distance.
            A headland that looks near may be an hour away in a headwind.
        """),
        queries=lines("""
            learn the kayak roll
            sea kayak for beginners
            how to read tide tables
            dry bags for kayak camping
            paddling trip islands
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Seekajak fahren
                    Gezeiten und Strömungen
                    Die Kenterrolle
                """),
                lines("""
                    Die Tide nimmt dem Wartenden die halbe Arbeit ab.
                    Eine Rolle lernt man in der Hüfte, nicht im Arm.
                """),
            ),
            Local(
                "fr",
                lines("""
                    le kayak de mer
                    les marées et les courants
                    l'esquimautage
                """),
                lines("""
                    Le vent contre le courant lève une mer courte.
                    La marée fait la moitié du travail.
                """),
            ),
            Local(
                "es",
                lines("""
                    el kayak de mar
                    las mareas y corrientes
                    la navegación costera
                """),
                lines("""
                    El agua fría quita el aliento antes que la fuerza.
                    Lo pesado va abajo y cerca del asiento.
                """),
            ),
        ),
    ),
    Topic(
        name="bicycle touring",
        group="Outdoors",
        subjects=lines("""
            packing panniers
            wheel building
            long-distance bicycle routes
            crossing the Alps by bike
            roadside repairs
            touring with children
            bikepacking on gravel
            sleeping out with a bicycle
            saddle comfort
            dynamo lights
            riding along rivers
            gears for steep climbs
        """),
        books=lines("""
            Slow Roads East
            The Weight of a Spare Tube
            Three Countries by Wednesday
            A Bell and a Map
            Headwind Stories
        """),
        kits=lines("""
            Pair of Waterproof Rear Panniers
            Roadside Repair Kit with Chain Tool
            Handlebar Bag with Map Case
            Dynamo Light Set, Front and Rear
            Leather Touring Saddle
        """),
        films=lines("""
            From the Source to the Sea
            The Pass Is Still Closed
            Two Wheels and a Tent
            Letters from the Silk Road
        """),
        magazines=lines("""
            Pannier
            The Touring Wheel
        """),
        talks=lines("""
            How Little Can You Carry?
            Steel or Aluminium for a Long Tour?
            What Breaks First on a World Tour
            How Far Is a Good Day?
            Can You Tour on Any Old Bike?
        """),
        sentences=lines("""
            Low weight on the front wheel keeps a loaded bike steady.
            A broken spoke is a ten-minute job with the right tool.
            Sixty kilometres a day leave time for bakeries and detours.
            Rivers run downhill, and most of their cycle paths do as well.
            The smallest gear can never be small enough on the third pass.
            A saddle needs a few hundred kilometres to get to know you.
            Rain clothes belong on top of the bag, not at the bottom.
            Village fountains are marked on good maps for a reason.
        """),
        queries=lines("""
            bicycle tour along a river
            waterproof panniers
            how to fix a broken spoke
            bikepacking gear list
            cycling across the alps
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Radreisen entlang der Flüsse
                    Reparaturen unterwegs
                    Alpenpässe mit dem Rad
                """),
                lines("""
                    Sechzig Kilometer am Tag lassen Zeit für Umwege.
                    Die Regenjacke gehört oben in die Tasche.
                """),
            ),
            Local(
                "fr",
                lines("""
                    le voyage à vélo
                    les sacoches et le bivouac
                    les cols à vélo
                """),
                lines("""
                    Un rayon cassé se remplace en dix minutes.
                    La veste de pluie se range tout en haut du sac.
                """),
            ),
            Local(
                "es",
                lines("""
                    el cicloturismo
                    las alforjas y el equipaje
                    las rutas junto al río
                """),
                lines("""
                    Sesenta kilómetros al día dejan tiempo para todo.
                    El peso bajo mantiene estable la bicicleta cargada.
                """),
            ),
        ),
    ),
)
