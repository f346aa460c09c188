"""Topics: astronomy for beginners, Python data analysis, electronics, geology and fossils."""

from jobs.simulator.topics.topic import Local, Topic, lines

SCIENCE = (
    Topic(
        name="astronomy for beginners",
        group="Science",
        subjects=lines("""
            the winter constellations
            your first telescope
            the moons of Jupiter
            observing with binoculars
            the phases of the Moon
            meteor showers
            photographing the Milky Way
            double stars
            Saturn and its rings
            reading a star chart
            galaxies and nebulae
            solar and lunar eclipses
        """),
        books=lines("""
            Dark Enough to See
            A Balcony under Orion
            Night by Night
            The Moon in Twelve Evenings
            Old Light
        """),
        kits=lines("""
            Tabletop Telescope with Two Eyepieces
            Rotating Star Chart for Northern Skies
            Red Torch and Observing Notebook
            Solar Eclipse Glasses, Pack of Ten
            Phone Adapter for Telescopes
        """),
        films=lines("""
            The Observatory Keeper
            A Comet Comes Back
            Valley of Dark Skies
            Nine Minutes of Totality
        """),
        magazines=lines("""
            First Magnitude
            The Backyard Observer
        """),
        talks=lines("""
            What Can I See from a City Balcony?
            Which Telescope Should I Not Buy?
            How Far Away Is the Farthest Star We See?
            Why Do Planets Wander?
            What Happens in an Eclipse
        """),
        sentences=lines("""
            Binoculars show more of the sky than a cheap telescope does.
            Eyes need twenty minutes in the dark before the faint stars appear.
            Jupiter's four bright moons change places from one night to the next.
            The edge of the Moon's shadow is where its craters stand out.
            Orion points the way to half of the winter sky.
            A red light lets you read the chart without losing your night vision.
            The light of the Andromeda galaxy left before there were people.
            Saturn's rings can be seen in any small telescope on a steady night.
        """),
        queries=lines("""
            telescope for a beginner
            how to find constellations
            see saturn's rings
            stargazing with binoculars
            night sky this month
            photographing the milky way
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Sternbilder am Winterhimmel
                    Das erste Teleskop
                    Sternschnuppen und Meteore
                """),
                lines("""
                    Die Augen brauchen zwanzig Minuten Dunkelheit.
                    Ein Fernglas zeigt mehr Himmel als ein billiges Teleskop.
                """),
            ),
            Local(
                "fr",
                lines("""
                    les constellations d'hiver
                    le premier télescope
                    les éclipses de Soleil
                """),
                lines("""
                    Les yeux ont besoin de vingt minutes d'obscurité.
                    Une lumière rouge préserve la vision de nuit.
                """),
            ),
            Local(
                "es",
                lines("""
                    las constelaciones del invierno
                    el primer telescopio
                    las lluvias de estrellas
                """),
                lines("""
                    Unos prismáticos enseñan más cielo que un telescopio barato.
                    Las lunas de Júpiter cambian de sitio cada noche.
                """),
            ),
        ),
    ),
    Topic(
        name="Python data analysis",
        group="Science",
        subjects=lines("""
            cleaning messy tables in Python
            NumPy arrays
            time series in Python
            plotting with Python
            Python notebooks
            grouping and joining data frames
            linear regression in Python
            working with missing data
            reading CSV files quickly
            testing data pipelines
            maps from open data in Python
            speeding up Python code
        """),
        books=lines("""
            Rows and Columns
            The Missing Value
            Plots That Tell the Truth
            Small Data, Well Kept
            An Index of Everything
        """),
        kits=lines("""
            Exercise Book with Twenty Real Data Sets
            Python Cheat Cards for Data Work
            Weather Station Kit with Data Logging
            Classroom Licence for Notebook Exercises
            Data Detective Card Game
        """),
        films=lines("""
            The Spreadsheet That Broke
            Counting a City
            A Million Rows
            Noise
        """),
        magazines=lines("""
            Data Frame Weekly
            The Tidy Table
        """),
        talks=lines("""
            What Is Wrong with My Average?
            When Is a Spreadsheet Enough?
            How to Plot Ten Million Points
            Why Does My Join Lose Rows?
            Should You Drop or Fill Missing Values?
        """),
        sentences=lines("""
            Most of the work is done before the first plot is drawn.
            A loop over rows is nearly always a column operation in disguise.
            A join that loses rows should say so loudly.
            Time zones are where honest analyses go wrong.
            Plot the raw points once before you trust an average.
            Every exercise uses public data that can be downloaded again.
            A small test on three rows catches what a large run hides.
            Arrays are fast because they keep equal things side by side.
        """),
        queries=lines("""
            learn python for data analysis
            clean csv files with python
            time series course
            how to plot data in python
            numpy explained
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Datenanalyse mit Python
                    Zeitreihen in Python
                    Diagramme mit Python
                """),
                lines("""
                    Die meiste Arbeit geschieht vor dem ersten Diagramm.
                    Ein Test mit drei Zeilen findet, was ein großer Lauf verbirgt.
                """),
            ),
            Local(
                "fr",
                lines("""
                    l'analyse de données en Python
                    les séries temporelles
                    les graphiques en Python
                """),
                lines("""
                    Une jointure qui perd des lignes doit le dire.
                    Tous les exercices utilisent des données publiques.
                """),
            ),
            Local(
                "es",
                lines("""
                    el análisis de datos con Python
                    las series temporales
                    los gráficos con Python
                """),
                lines("""
                    Casi todo el trabajo ocurre antes del primer gráfico.
                    Mira los puntos antes de confiar en la media.
                """),
            ),
        ),
    ),
    Topic(
        name="microcontroller electronics",
        group="Science",
        subjects=lines("""
            blinking LEDs
            temperature sensors
            soldering
            small robots
            battery-powered sensors
            motors and servos
            reading circuit diagrams
            debugging with an oscilloscope
            wireless sensor boards
            home-made weather stations
            programming a microcontroller in C
            circuit boards of your own
        """),
        books=lines("""
            One Wire Too Many
            The Workbench in the Closet
            Hello, Diode
            Solder and Patience
            Twenty Gadgets That Work
        """),
        kits=lines("""
            Microcontroller Starter Kit with Breadboard
            Temperature-Controlled Soldering Iron
            Line-Following Robot to Build
            Box of Thirty Sensors
            Pocket Oscilloscope Kit
        """),
        films=lines("""
            The Garage Satellite
            Robots of Room 12
            A Short History of the Transistor
            Smoke Test
        """),
        magazines=lines("""
            Breadboard
            Volt and Wire
        """),
        talks=lines("""
            Why Does My Circuit Only Work When I Touch It?
            How Long Can a Sensor Live on One Battery?
            What Happens When You Swap Plus and Minus
            Is a Resistor Really Needed Here?
            How to Read a Data Sheet
        """),
        sentences=lines("""
            A cold solder joint looks dull and fails on the day of the show.
            A sleeping microcontroller runs for a year on two small batteries.
            Half of all faults are a wire in the neighbouring hole.
            Motors need their own supply, or the board restarts.
            The data sheet answers nearly everything, mostly on page nine.
            A capacitor next to the chip calms the supply voltage.
            Sensors drift, so the first project is always a calibration.
            An oscilloscope shows the glitch that the code cannot explain.
        """),
        queries=lines("""
            microcontroller starter kit
            learn soldering
            build a small robot
            temperature sensor project
            electronics for kids
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Elektronik mit Mikrocontrollern
                    Löten lernen
                    Kleine Roboter bauen
                """),
                lines("""
                    Eine kalte Lötstelle fällt am Tag der Vorführung aus.
                    Motoren brauchen ihre eigene Versorgung.
                """),
            ),
            Local(
                "fr",
                lines("""
                    l'électronique et les microcontrôleurs
                    la soudure
                    les petits robots
                """),
                lines("""
                    Une soudure froide est terne et finit par lâcher.
                    La fiche technique répond à presque tout.
                """),
            ),
            Local(
                "es",
                lines("""
                    la electrónica con microcontroladores
                    la soldadura
                    los sensores de temperatura
                """),
                lines("""
                    Los motores necesitan su propia alimentación.
                    La mitad de los fallos es un cable mal puesto.
                """),
            ),
        ),
    ),
    Topic(
        name="geology and fossils",
        group="Science",
        subjects=lines("""
            ammonites
            reading rock layers
            volcanoes
            minerals and crystals
            the ice ages
            fossils on the beach
            dinosaur footprints
            plate tectonics
            caves and limestone
            identifying pebbles
            preparing fossils
            mountains and their making
        """),
        books=lines("""
            A Cliff Is a Library
            The Hammer and the Shell
            Two Hundred Million Winters
            Stone Reader
            Below the Meadow
        """),
        kits=lines("""
            Geologist's Hammer and Hand Lens
            Collection of Twenty-Four Minerals
            Fossil Preparation Set with Brushes
            Crystal Growing Set
            Streak Plate and Hardness Test Set
        """),
        films=lines("""
            Under the Glacier
            The Ammonite Coast
            A Volcano Wakes
            The Quarry Bird
        """),
        magazines=lines("""
            Strata
            Pebble and Peak
        """),
        talks=lines("""
            How Old Is This Pebble?
            What Did Dinosaurs Leave Besides Bones?
            Why Are Mountains Still Growing?
            How to Tell a Fossil from a Stone
            When Will the Next Ice Age Come?
        """),
        sentences=lines("""
            The deepest layer is the oldest, unless the mountain was folded over.
            After a winter storm the beach hands out new ammonites.
            Granite cools slowly, which is why its crystals can be seen.
            A drop of vinegar tells limestone from everything that looks like it.
            Glaciers carried these boulders here and then forgot them.
            A footprint in stone says how fast the animal was walking.
            Continents move about as quickly as fingernails grow.
            Every pebble on the beach is a piece of some mountain.
        """),
        queries=lines("""
            where to find fossils
            identify minerals and crystals
            how mountains are formed
            geologist hammer
            volcano documentary
        """),
        elsewhere=(
            Local(
                "de",
                lines("""
                    Fossilien am Strand
                    Minerale bestimmen
                    Vulkane und Gebirge
                """),
                lines("""
                    Die tiefste Schicht ist meist die älteste.
                    Nach dem Sturm gibt der Strand neue Ammoniten frei.
                """),
            ),
            Local(
                "fr",
                lines("""
                    les fossiles et les ammonites
                    les volcans
                    les minéraux
                """),
                lines("""
                    La couche la plus profonde est la plus ancienne.
                    Chaque galet est un morceau de montagne.
                """),
            ),
            Local(
                "es",
                lines("""
                    los fósiles de la costa
                    los minerales
                    los volcanes
                """),
                lines("""
                    El granito se enfría despacio y por eso se ven sus cristales.
                    Una huella en la piedra dice a qué paso iba el animal.
                """),
            ),
        ),
    ),
)
